import ArgumentParser
import Backends
import Diagnostics
import Pipelines

/// `vitrine build`: a model → a plan file.
struct Build: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Builds a plan file: the network as one backend runs it, with its passport.",
    discussion: """
      The plan appears only when it is whole. It carries what it was built from, by what, for which devices, its
      ranges of shapes, the contract, and the engine's layers with the checkpoint's modules that they stand for.
      A backend refuses options that it does not have. A network that cannot be built is cut to the smallest part
      that fails.

      EXAMPLES
        vitrine build yolov5s.onnx --timing-cache t.json --explain            our own engine
        vitrine build yolov5s.pt --precision bf16 --threads 2 --level 4
        vitrine build yolov5s.onnx --workspace 512K --explain     tactics that need more are left out
        vitrine build yolov5s.plan --rebuild                      a plan of another machine or release
        vitrine build yolov5s.onnx --backend tensorrt
        vitrine build yolov5s.pt --backend tensorrt-rtx --half -o s.plan       needs no GPU
        vitrine build dynamic.onnx --backend tensorrt-rtx --profile 1x3x640x640:4x3x640x640:8x3x640x640
        vitrine build s.onnx --backend tensorrt --calibration s.calibration.json      TensorRT 8.6
        vitrine build s.onnx --backend tensorrt-rtx --target-sm 8.6 --target-sm 8.9 --timing-cache t.cache
      """
  )

  @Argument(
    help: "A checkpoint (.pt) or an ONNX file; with --rebuild a plan.",
    completion: .file()
  )
  var model: String

  @Option(name: .long, help: "The backend whose plan it becomes: native, tensorrt or tensorrt-rtx.")
  var backend = "native"

  @Option(name: .long, help: "What float32 parts are computed in: f32 or bf16 (native).")
  var precision: PrecisionOption?

  @Option(name: .long, help: "Threads that a run will use (native).")
  var threads: Int?

  @Flag(name: .long, help: "Show what was tried for each kind of layer, and what won.")
  var explain = false

  @Option(name: .shortAndLong, help: "The file to write; by default the model's name with .plan.")
  var output: String?

  @Option(
    name: .long,
    help: "Shapes: least:usual:greatest, such as 1x3x640x640:4x3x640x640:8x3x640x640; repeatable."
  )
  var profile: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The most scratch memory that a layer may use, all threads together: 64 (MiB), 512K, 64M, 1G.",
      valueName: "size"
    )
  )
  var workspace: MemorySize?

  @Option(name: .long, help: "A file of timings, read where it is there and written anew.")
  var timingCache: String?

  @Option(name: .long, help: "How long to search for kernels: 0 to 5.")
  var level: Int?

  @Option(
    name: .long,
    help: "Libraries of kernels to choose from: native, onednn, or TensorRT's; repeatable."
  )
  var tacticSources: [String] = []

  @Flag(name: .long, help: "Build a plan anew: from the file that it names, with its options.")
  var rebuild = false

  @Flag(name: .long, help: "Later releases of the same major version can load the plan.")
  var versionCompatible = false

  @Flag(name: .long, help: "Newer devices can run the plan.")
  var hardwareCompatible = false

  @Flag(name: .long, help: "Leave the weights out, to be given when it is loaded.")
  var stripWeights = false

  @Flag(name: .long, help: "The weights can be replaced.")
  var refit = false

  @Option(name: .long, help: "The deep-learning accelerator to use.")
  var dla: Int?

  @Option(name: .customLong("target-sm"), help: "A compute capability, such as 8.6; repeatable.")
  var targets: [String] = []

  @Option(
    name: .long,
    help: """
      Build in 8 bits by a table of `vitrine calibrate` or a calibration cache of TensorRT (TensorRT \
      8.6; later releases take quantized networks).
      """,
    completion: .file()
  )
  var calibration: String?

  @Option(name: .long, help: "How ranges are chosen from a table; lp by default.")
  var method: CalibrationMethodOption?

  @Flag(name: .long, help: "Half precision weights, input and output (checkpoints).")
  var half = false

  @Option(name: .long, help: "Open extents: none, batch or size (checkpoints).")
  var dynamic = ExportOptions.Dynamic.none

  @Option(name: .long, help: "Pictures per run where the batch is not open (checkpoints).")
  var batch = 1

  @OptionGroup var size: SizeOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must lie between 1 and 1024, not \(threads)")
    }
    for text in profile where ShapeProfile(text) == nil {
      throw ValidationError(
        "--profile takes least:usual:greatest, each such as 1x3x640x640 and none less than the one "
          + "before, not '\(text)'"
      )
    }
    if rebuild {
      let fixed = [
        "--backend", "--precision", "--threads", "--profile", "--workspace", "--tactic-sources",
        "--version-compatible", "--hardware-compatible", "--strip-weights", "--refit", "--dla",
        "--target-sm", "--half", "--dynamic", "--batch", "--imgsz", "--calibration", "--method",
      ]
      try GivenOptions.refuse(fixed, "with --rebuild: the plan is built as it was")
    }
    if calibration == nil { try GivenOptions.refuse(["--method"], "without --calibration") }
    if let level, !(0...5).contains(level) {
      throw ValidationError("--level must lie between 0 and 5, not \(level)")
    }
    for text in targets where Self.capability(text) == nil {
      throw ValidationError("--target-sm takes a compute capability such as 8.6, not '\(text)'")
    }
    guard (1...1024).contains(batch) else {
      throw ValidationError("--batch must lie between 1 and 1024, not \(batch)")
    }
  }

  func run() async throws {
    var job = BuildJob(
      model: model,
      output: output,
      backend: BackendChoice(backend, cache: Cache.path)
    )
    job.options = options
    job.computesInBFloat16 = precision.map { $0 == .bf16 }
    job.calibration = calibration
    job.calibrationMethod = method?.value ?? job.calibrationMethod
    job.export.half = half
    job.export.dynamic = dynamic
    job.export.batch = batch
    job.export.imageSize = size.resolved
    let result =
      rebuild
      ? try await rebuildJob.run(progress: common.progress)
      : try await job.run(progress: common.progress)
    guard !common.json else { return try JSONOutput.print(result) }
    for note in result.diagnostics { Terminal.warn(note.description) }
    if explain { Terminal.print(Self.explanation(result)) }
    Terminal.print(
      """
      \(Style.green("✓")) \(result.output)  \(bytes(result.byteCount)), \
      \(result.plan.layers.count) layers, \(decimal(result.milliseconds, 0)) ms
      \(result.plan.text(layers: false))
      """
    )
  }

  /// A table of what was measured: each kind of layer, its candidates, the best first.
  private static func explanation(_ result: BuildPlanResult) -> String {
    var lines: [String] = []
    let all = result.decisions.flatMap(\.excluded)
    // What is so for many kinds of layers is said once.
    let counts = Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +)
    let common = Set(counts.filter { $0.value > 2 }.keys)
    for decision in result.decisions {
      let gain = decision.gain.map { ", \(decimal($0, 2)) times as fast as the next" } ?? ""
      lines.append("\(decision.signature)  (\(decision.layers.count) ×\(gain))")
      for candidate in decision.candidates.sorted(by: { $0.milliseconds < $1.milliseconds }) {
        let mark = candidate.tactic == decision.chosen ? Style.green("✓") : " "
        lines.append("  \(mark) \(decimal(candidate.milliseconds, 3)) ms  \(candidate.tactic)")
      }
      for other in decision.excluded where !common.contains(other) {
        lines.append(Style.dim("    no candidate  \(other.tactic): \(other.reason)"))
      }
    }
    for other in common.sorted(by: { $0.reason < $1.reason }) {
      let count = counts[other] ?? 0
      lines.append("\(other.tactic) is no candidate for \(count) kinds of layers: \(other.reason)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var rebuildJob: RebuildJob {
    var job = RebuildJob(plan: model)
    job.output = output
    (job.timingCache, job.level, job.cache) = (timingCache, level, Cache.path)
    return job
  }

  private var options: PlanBuildOptions {
    var options = PlanBuildOptions()
    options.threadCount = threads
    options.profiles = profile.compactMap { ShapeProfile($0) }
    options.workspaceByteCount = workspace?.byteCount
    options.timingCache = timingCache
    options.level = level
    options.tacticSources = tacticSources
    options.isVersionCompatible = versionCompatible
    options.isHardwareCompatible = hardwareCompatible
    options.stripsWeights = stripWeights
    options.isRefittable = refit
    options.dlaCore = dla
    options.targets = targets.compactMap(Self.capability)
    return options
  }

  /// 86 for `8.6` or `86`.
  private static func capability(_ text: String) -> Int? {
    let digits = text.split(separator: ".", omittingEmptySubsequences: false)
    if digits.count == 2, let major = Int(digits[0]), let minor = Int(digits[1]) {
      guard (1...99).contains(major), (0...9).contains(minor) else { return nil }
      return major * 10 + minor
    }
    guard digits.count == 1, let number = Int(text), (10...999).contains(number) else { return nil }
    return number
  }
}
