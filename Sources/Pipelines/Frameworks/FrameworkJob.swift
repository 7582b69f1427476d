import Backends
import Diagnostics
import Formats
import Glibc
public import Metrics
public import Reports
import Tensors

/// A model on several engines, each in its own process, measured in turns by the same code.
///
/// The pictures are letterboxed once, here, into memory that all processes see; each engine takes
/// ready inputs and gives raw predictions, so nothing but the engine is timed. The clock stands in
/// the engine's process and covers one run from bound input to output: what asking costs is
/// measured apart and is in no figure.
public struct FrameworkJob: Sendable {
  /// The checkpoint, or an ONNX file, which PyTorch cannot run.
  public var model: String
  /// The engines in the order of the result; the first that is there is the baseline.
  public var engines = FrameworkJob.usualEngines
  /// Pictures, folders or globs; none draws scenes.
  public var images: [String] = []
  /// A labelled data set instead: what `vitrine val --data` takes; `synth` draws.
  public var data: String?
  /// Threads inside one run, the same for all.
  public var threadCount = 1
  /// Height and width of the input in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// How long to measure each engine, in seconds.
  public var seconds = 10.0
  /// The folder where `Scripts/setup` keeps engines.
  public var cache: String?
  /// The Python that has PyTorch.
  public var python = "python3"
  /// This program, which is started again for each engine.
  public var executable = "/proc/self/exe"
  /// Where drawn scenes and random numbers begin.
  public var seed: UInt64 = 1

  /// The engines that are compared where nobody names others.
  public static let usualEngines = ["pytorch", "onnxruntime", "openvino", "native", "tensorrt"]
  /// Every engine that can be compared where it is there.
  public static let allEngines = usualEngines + ["onnxruntime-cuda"]

  /// Creates a job.
  public init(model: String) { self.model = model }

  /// Compares.
  /// - Throws: what reading the model throws, `compare.nothing-to-compare`, `compare.peer-failed`.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws
    -> FrameworkComparison
  {
    progress(.began(stage: "inputs", total: nil))
    let inputs = try await FrameworkInputs(self)
    progress(.finished(summary: inputs.description))
    var result = FrameworkComparison(
      model: String(model.split(separator: "/").last ?? ""),
      inputShape: inputs.shape.dimensions,
      inputs: inputs.description,
      threadCount: threadCount,
      precision: "float32",
      method: Self.method(seconds),
      environment: Machine.facts(BackendChoice(cache: cache))
    )
    let peers = try start(inputs, into: &result, progress)
    guard peers.count > 1 else { throw Self.nothingToCompare(result.engines) }
    progress(.began(stage: "fairness", total: nil))
    result.fairness = try FairnessJudge(inputs: inputs, threadCount: threadCount).judge(peers)
    progress(.finished(summary: result.isFair ? "like with like" : "not alike"))
    guard result.isFair else { return result }
    try measure(peers, into: &result, progress)
    return result
  }

  /// The result as a document for reports.
  public func report(_ result: FrameworkComparison) throws -> Report {
    var report = try Report.begun(
      "compare frameworks",
      model: model,
      imageSize: imageSize,
      environment: result.environment
    )
    report.frameworks = result
    return report
  }

  // MARK: Starting

  private func start(
    _ inputs: FrameworkInputs,
    into result: inout FrameworkComparison,
    _ progress: ProgressHandler
  ) throws -> [FrameworkPeer] {
    progress(.began(stage: "load", total: engines.count))
    var peers: [FrameworkPeer] = []
    for (index, engine) in engines.enumerated() {
      try Task.checkCancellation()
      var column = FrameworkMeasurement(engine: engine, title: Self.title(engine))
      do {
        let peer = try start(engine, inputs)
        column.version = peer.greeting.version ?? ""
        column.coldStartMilliseconds = peer.coldStartMilliseconds
        column.transportMilliseconds = peer.transportMilliseconds
        peers.append(peer)
      } catch let error as DeployError where Self.isAbsence(error) {
        column.absence = error.diagnostics.first?.message
        column.remedy = error.diagnostics.first?.remedy ?? Self.remedy(engine)
      }
      result.engines.append(column)
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: peers.map(\.engine).joined(separator: ", ")))
    return peers
  }

  private func start(_ engine: String, _ inputs: FrameworkInputs) throws -> FrameworkPeer {
    if engine == "pytorch" {
      guard !model.lowercased().hasSuffix(".onnx") else {
        throw DeployError(
          .compareAbsent,
          "PyTorch runs checkpoints, not ONNX files",
          remedy: "give the checkpoint that the file was exported from"
        )
      }
      do { try CheckpointReader.read(path: model).checkFitForPython() } catch let error
        as DeployError
        where error.id == .checkpointNotForPython
      {
        throw DeployError(.compareAbsent, error.diagnostics[0].message)
      }
      let arguments = PyTorchPeer.arguments(
        checkpoint: model,
        block: inputs.block,
        inputShape: inputs.shape.dimensions,
        threadCount: threadCount
      )
      // A program from outside: whatever keeps it from starting is why the engine is absent.
      do { return try FrameworkPeer(engine, python, arguments) } catch let error as DeployError
        where error.id == .comparePeerFailed
      {
        throw DeployError(.compareAbsent, error.diagnostics.first?.message ?? "it did not start")
      }
    }
    let choice = BackendChoice(engine, threadCount: threadCount, cache: cache)
    guard choice.catalog.names.contains(engine), engine != "reference" else {
      throw DeployError(.compareAbsent, "this build has no backend '\(engine)'")
    }
    _ = try choice.open()
    return try FrameworkPeer(engine, executable, arguments(engine, inputs))
  }

  private func arguments(_ engine: String, _ inputs: FrameworkInputs) -> [String] {
    let layout = inputs.block.layout
    let size = inputs.shape.dimensions.suffix(2).map(String.init)
    var arguments = [
      "peer", model, "--backend", engine, "--threads", "\(threadCount)", "--shared",
      inputs.block.path, "--slot-bytes", "\(layout.slotByteCount)", "--slots",
      "\(layout.slotCount)", "--imgsz",
    ]
    arguments += size
    if let cache { arguments += ["--cache", cache] }
    return arguments
  }

  // MARK: Measuring

  private func measure(
    _ peers: [FrameworkPeer],
    into result: inout FrameworkComparison,
    _ progress: @escaping ProgressHandler
  ) throws {
    progress(.began(stage: "warm up", total: peers.count))
    var tallies = [FrameworkTally](repeating: FrameworkTally(), count: peers.count)
    for (index, peer) in peers.enumerated() {
      let reply = try peer.leg(milliseconds: Self.warmUpMilliseconds)
      tallies[index].warmUpCount = reply.milliseconds?.count ?? 0
      progress(.advanced(index + 1))
    }
    progress(
      .finished(summary: tallies.map { "\($0.warmUpCount)" }.joined(separator: ", ") + " runs")
    )
    let rounds = InterleavedRounds(count: peers.count, seconds: seconds * Double(peers.count))
    progress(.began(stage: "measure", total: 1000))
    let legs = try rounds.run(progress: { progress(.advanced(Int($0 * 1000))) }) { index in
      try Task.checkCancellation()
      return tallies[index].add(try peers[index].leg(milliseconds: BenchGroup.legMilliseconds))
    }
    progress(.finished(summary: "\(legs.first?.count ?? 0) rounds"))
    for (peer, tally) in zip(peers, tallies) {
      guard let place = result.engines.firstIndex(where: { $0.engine == peer.engine }) else {
        continue
      }
      tally.fill(&result.engines[place])
    }
    result.method += Self.note(on: tallies, threadCount)
    result.comparisons = peers.indices.dropFirst().map { index in
      let verdict = Verdict(
        baseline: peers[0].engine,
        candidate: peers[index].engine,
        quantity: "engine",
        blocks: InterleavedRounds.blocks(legs[0], legs[index]),
        runCount: tallies[0].milliseconds.count + tallies[index].milliseconds.count
      )
      return FrameworkRatio(
        baseline: verdict.baseline,
        engine: verdict.candidate,
        ratio: verdict.ratio,
        lower: verdict.lower,
        upper: verdict.upper,
        verdict: verdict.words
      )
    }
  }

  private static let warmUpMilliseconds = 1500.0

  private static func method(_ seconds: Double) -> String {
    "each engine in a process of its own; batch 1; \(rounded(warmUpMilliseconds / 1000)) s of warm-up each, "
      + "then rounds A B C … C B A of legs of at least \(Int(BenchGroup.legMilliseconds)) ms for about "
      + "\(rounded(seconds)) s per engine, a fresh input before every run; the engine's own process holds the "
      + "clock, so asking it costs nothing here; intervals by block bootstrap over rounds"
  }

  /// What must be said where other programs took the processor away.
  private static func note(on tallies: [FrameworkTally], _ threadCount: Int) -> String {
    let loads = tallies.filter { $0.wallSeconds > 0 }.map { $0.processorSeconds / $0.wallSeconds }
    guard let least = loads.min(), least < 0.8 * Double(min(threadCount, processorCount)) else {
      return ""
    }
    return
      ". The machine was busy or the engines waited: they got \(Int(least * 100)) % of a processor "
      + "for \(counted(threadCount, "thread")), so times are longer than on an idle machine"
  }

  private static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private static func rounded(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  private static func isAbsence(_ error: DeployError) -> Bool {
    [Diagnostic.ID.compareAbsent, .backendUnavailable].contains(error.id)
  }

  private static func title(_ engine: String) -> String {
    switch engine {
    case "pytorch": "PyTorch"
    case "onnxruntime": "ONNX Runtime"
    case "onnxruntime-cuda": "ONNX Runtime, CUDA"
    case "openvino": "OpenVINO"
    case "native": "Vitrine"
    case "tensorrt": "TensorRT"
    default: engine
    }
  }

  private static func remedy(_ engine: String) -> String? {
    switch engine {
    case "pytorch": "run Scripts/setup --peers"
    case "tensorrt": "profile it elsewhere and read the result with `vitrine profile --layers`"
    default: nil
    }
  }

  private static func nothingToCompare(_ engines: [FrameworkMeasurement]) -> DeployError {
    DeployError(
      .compareNothing,
      "fewer than two engines can run here",
      remedy: "run Scripts/setup onnxruntime openvino and Scripts/setup --peers",
      notes: engines.compactMap { column in
        column.absence.map {
          Diagnostic(.note, .compareAbsent, "\(column.title): \($0)", remedy: column.remedy)
        }
      }
    )
  }
}

extension Diagnostic.ID {
  /// A comparison of one engine, or none.
  static let compareNothing: Self = "compare.nothing-to-compare"
}
