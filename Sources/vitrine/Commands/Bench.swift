public import ArgumentParser
import Diagnostics
import Glibc
public import Metrics
import Pipelines
import Reports

/// `vitrine bench`: latency, throughput and resources.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures latency, throughput and resources, and compares honestly.",
    discussion: """
      Several backends or thread counts are measured in turns (A B … B A), so that whatever drifts
      weighs on all alike; each is compared with the first, as a ratio with a 95 % interval and in
      words: "B faster by 3.1 % [2.4, 3.8]" or "no difference shown".

      Engine-only latency is one run of the network on a fresh input that lies ready; end-to-end
      latency is from the bytes of picture files to detections. The scenarios follow MLPerf: single
      (one query after the other), multi (queries of several pictures), offline (throughput), server
      (random arrivals; without --rate the highest rate within the bound is looked for).

      Runs are kept (see `vitrine runs`). With --against, exit code 1 says that this run is slower.
      With --against-program, another build of this program and this one are asked by turns (A B B A), each
      in a process of its own: the sound way to compare builds. Exit code 1 says that this one is slower;
      such runs are not kept.

      With --against-trtexec the engine inside a TensorRT plan is given to trtexec, with the same shape and the
      same way of launching, in turns with this program (a leg of one second each). Exit code 1 says that this
      program is slower by more than 2 %.

      EXAMPLES
        vitrine bench yolov5n.pt
        vitrine bench yolov5n.onnx --backend onnxruntime,openvino --threads 1,2 --duration 30
        vitrine bench yolov5n.pt --batch 1,2,4 --scenario offline --images photos/
        vitrine bench yolov5n.pt --scenario server --rate 20 --latency-bound 100
        vitrine bench yolov5n.pt --against last
        vitrine bench yolov5n.pt --against-program ../old/vitrine --threads 1
        vitrine bench yolov5n.plan --backend tensorrt --against-trtexec trtexec --duration 60
        vitrine bench yolov5n.pt --json > bench.json
      """
  )

  @Argument(help: "A checkpoint (.pt), an ONNX file or a plan.", completion: .file())
  var model: String

  @Option(name: .long, help: "Backends, separated by commas: each is measured.")
  var backend = "native"

  @Option(name: .long, help: "Pictures per run, separated by commas: each is measured.")
  var batch = "1"

  @Option(
    name: .long,
    help: "Threads inside one run, separated by commas; the backend chooses by default."
  )
  var threads: String?

  @Option(name: .long, help: "What float32 parts are computed in: f32 or bf16 (native, openvino).")
  var precision = PrecisionOption.f32

  @OptionGroup var size: SizeOptions

  @Option(name: .long, help: "How queries arrive: single, multi, offline or server.")
  var scenario: BenchmarkScenario = .single

  @Option(name: .long, help: "Pictures per query in the scenario multi.")
  var streams = 8

  @Option(name: .long, help: "Arrivals per second in the scenario server.")
  var rate: Double?

  @Option(
    name: .customLong("latency-bound"),
    help: "What the P99 may reach in the scenario server, in ms (default: 100, or more if needed)."
  )
  var latencyBound: Double?

  @Option(name: .long, help: "Seconds that each configuration is measured, warm-up apart.")
  var duration = 10.0

  @Option(
    name: .long,
    parsing: .upToNextOption,
    help: "Pictures, folders or globs; scenes are drawn by default.",
    completion: .file()
  )
  var images: [String] = []

  @Option(name: .long, help: "Write the report into this JSON file.", completion: .file())
  var save: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Compare with an earlier run of the same model, backend and shape: last, or its number.",
      valueName: "last|run"
    )
  )
  var against: String?

  @Option(
    name: .long,
    help: "Compare with another build of this program, in turns.",
    completion: .file()
  )
  var againstProgram: String?

  @Option(
    name: .customLong("against-trtexec"),
    help: ArgumentHelp(
      "Compare a TensorRT plan with NVIDIA's trtexec on the same engine, in turns: its name or path.",
      valueName: "program"
    )
  )
  var trtexec: String?

  @OptionGroup var gpu: GPUOptions
  @OptionGroup var keeping: HistoryOptions
  @OptionGroup var rebuilding: RebuildOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    _ = try list(batch, "--batch", 1...1024)
    _ = try threadCounts()
    _ = try reference()
    guard duration.isFinite, (0.1...86_400).contains(duration) else {
      throw ValidationError("--duration must lie between 0.1 and 86400 seconds, not \(duration)")
    }
    guard (1...1024).contains(streams) else {
      throw ValidationError("--streams must lie between 1 and 1024, not \(streams)")
    }
    if againstProgram != nil {
      let others = [
        "--batch", "--scenario", "--streams", "--rate", "--latency-bound", "--against", "--name",
        "--no-history",
      ]
      try GivenOptions.refuse(others, "with --against-program")
      guard !backend.contains(","), threads?.contains(",") != true else {
        throw ValidationError("--against-program takes one backend and one number of threads")
      }
    }
    if trtexec != nil {
      let others = [
        "--scenario", "--streams", "--rate", "--latency-bound", "--against", "--against-program",
        "--name", "--threads",
      ]
      try GivenOptions.refuse(others, "with --against-trtexec")
      guard !backend.contains(","), !batch.contains(",") else {
        throw ValidationError("--against-trtexec takes one backend and one batch")
      }
    }
    if scenario != .multi { try GivenOptions.refuse(["--streams"], "without --scenario multi") }
    if scenario != .server {
      try GivenOptions.refuse(["--rate", "--latency-bound"], "without --scenario server")
    }
  }

  func run() async throws {
    try OutputFile.check([save], inputs: [model, againstProgram] + images)
    try await rebuilding.refresh(model, common)
    if let againstProgram { return try await compare(with: againstProgram) }
    if let trtexec { return try await compare(withTrtexec: trtexec) }
    let names = backend.split(separator: ",").map(String.init)
    guard !names.isEmpty else { throw ValidationError("--backend names no backend") }
    for name in names { try precision.check(name) }
    var job = BenchJob(
      model: model,
      backends: names.map { BackendChoice($0, cache: Cache.path) }
    )
    for index in job.backends.indices {
      job.backends[index].computesInBFloat16 = precision == .bf16
      gpu.apply(to: &job.backends[index])
    }
    job.batches = try list(batch, "--batch", 1...1024)
    job.threadCounts = try threadCounts()
    job.imageSize = size.resolved
    job.scenario = scenario
    job.streamCount = streams
    job.rate = rate
    job.latencyBound = latencyBound
    job.duration = duration
    job.images = images
    let history = DataFolder.history
    let reference = try reference()
    if case .run(let id) = reference { _ = try history.run(id) }
    var result = try await job.run(progress: common.progress)
    let isCompared = try reference.map {
      try result.compare(with: history, model: model, against: $0)
    }
    if let save { try result.save(to: save) }
    result.runID = keeping.keep(result.report, model: model)
    try show(result)
    // A comparison that was asked for and shows a slowdown, or nothing, fails.
    if result.isSlower || (isCompared == false && reference != .last) { throw ExitCode(1) }
  }

  private func compare(with program: String) async throws {
    var job = ProgramJob(model: model, other: program)
    job.backend = BackendChoice(backend, threadCount: try threadCounts()[0], cache: Cache.path)
    job.imageSize = size.resolved
    job.images = images
    job.duration = duration
    try conclude(try await job.run(progress: common.progress))
  }

  private func compare(withTrtexec program: String) async throws {
    var choice = BackendChoice(backend, cache: Cache.path)
    gpu.apply(to: &choice)
    var job = TrtexecJob(plan: model, program: program, backend: choice)
    job.searchPath = getenv("PATH").map { String(cString: $0) } ?? ""
    job.batch = try list(batch, "--batch", 1...1024)[0]
    job.imageSize = size.resolved
    job.images = images
    job.duration = duration
    try conclude(try await job.run(progress: common.progress))
  }

  /// Keeps and shows a comparison of two programs; one that shows a slowdown fails.
  private func conclude(_ result: BenchResult) throws {
    if let save { try result.save(to: save) }
    try show(result)
    guard !result.report.verdicts.contains(where: { $0.outcome == .slower }) else {
      throw ExitCode(1)
    }
  }

  private func show(_ result: BenchResult) throws {
    guard !common.json else { return try JSONOutput.print(result.report) }
    Terminal.print(result.text)
  }

  private func reference() throws -> RunHistory.Reference? {
    guard let against else { return nil }
    if against == "last" { return .last }
    guard let id = Int64(against) else {
      throw ValidationError("--against takes last or the number of a run, not '\(against)'")
    }
    return .run(id)
  }

  private func threadCounts() throws -> [Int?] {
    guard let threads else { return [nil] }
    // Far more threads than processors wait for each other for minutes.
    let most = max(64, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return try list(threads, "--threads", 1...most)
  }

  private func list(
    _ text: String,
    _ option: String,
    _ range: ClosedRange<Int>
  ) throws -> [Int] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard !numbers.isEmpty, numbers.count == parts.count, numbers.allSatisfy(range.contains) else {
      throw ValidationError(
        "\(option) takes numbers from \(range.lowerBound) to \(range.upperBound), separated by "
          + "commas, not '\(text)'"
      )
    }
    return numbers
  }
}

extension BenchmarkScenario: ExpressibleByArgument {}
