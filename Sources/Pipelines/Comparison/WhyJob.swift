import Backends
import Diagnostics
import FoundationEssentials
import Graphs
public import Metrics
import Models
import Passes
public import Reports
import Tensors

/// Where the gain of optimisation comes from: each optimisation switched on in turn, and each left
/// out in turn, all measured in the same rounds.
public struct WhyJob: Sendable {
  /// A checkpoint or an ONNX file. What an ONNX file has folded already cannot be undone.
  public var model: String
  /// What runs the network.
  public var backend = BackendChoice()
  /// Input height and width in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// Pictures per run.
  public var batch = 1
  /// How often every configuration is measured.
  public var roundCount = 15
  /// Timed runs of a configuration in a round, after one that is not timed.
  public var runsPerTurn = 3

  /// Creates a job.
  public init(model: String) { self.model = model }

  /// Measures, and puts the result into a report.
  /// - Throws: what importing, building and running throw.
  public func report(progress: ProgressHandler = { _ in }) async throws -> Report {
    var report = try Report.begun(
      "compare why",
      model: model,
      imageSize: imageSize,
      environment: Machine.facts(backend)
    )
    report.attribution = try await run(progress: progress)
    return report
  }

  /// Measures.
  /// - Throws: what importing, building and running throw.
  public func run(progress: ProgressHandler = { _ in }) async throws -> Attribution {
    let engine = try backend.open()
    let threads = backend.threadCount ?? MachineProbe.processorCount
    let graph = try importedGraph()
    let steps = steps(engine, threads: threads)
    let (chain, leavingOut) = Self.configurations(steps)
    let all = chain + leavingOut
    progress(.began(stage: "build", total: all.count))
    var sessions: [any Session] = []
    for (index, enabled) in all.enumerated() {
      try Task.checkCancellation()
      sessions.append(try await session(engine, graph, enabled, steps, threads))
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(all.count) plans of \(graph.nodeCount) nodes"))
    let rounds = try measure(sessions, graph, progress)
    let measurement = AttributionMeasurement(
      steps: steps.map { ($0.name, $0.summary) },
      kinds: steps.map(\.kind.rawValue),
      chain: rounds.map { Array($0[..<chain.count]) },
      // The chain's last configuration but one is the whole without its last step.
      leavingOut: rounds.map { Array($0[chain.count...]) + [$0[chain.count - 2]] }
    )
    guard let summary = measurement.summary() else {
      throw DeployError(
        .compareTooFewRounds,
        "\(roundCount) rounds say nothing about differences",
        at: .option("--rounds"),
        remedy: "give at least 3"
      )
    }
    return attribution(summary, engine, graph, threads)
  }

  private func importedGraph() throws -> Graph {
    let (opened, _) = try ModelSource.open(model).graph(ImportOptions(imageSize: imageSize))
    let size = imageSize ?? opened.contract?.inputSize ?? [640, 640]
    return try opened.bound(batch: batch, size: size)
  }

  /// Our passes, what the engine does beside them, its precision where another one was asked for, and
  /// the threads.
  private func steps(_ engine: any Backend, threads: Int) -> [EngineOptimization] {
    let own = engine.optimizations
    // The instructions come first: every other step is about a program that uses them.
    var steps = own.filter { $0.kind == .kernels }
    for pass in PassCatalog.export.passes where !own.contains(where: { $0.name == pass.name }) {
      let summary = Self.summaries[pass.name] ?? ""
      steps.append(EngineOptimization(name: pass.name, summary: summary))
    }
    steps += own.filter { $0.kind != .kernels }
    if let precision = backend.executionPrecisionHint, precision != .float32 {
      steps.append(
        EngineOptimization(
          name: precision.rawValue,
          summary: "computes float32 parts in \(precision.rawValue)",
          kind: .precision
        )
      )
    }
    if threads > 1 {
      steps.append(
        EngineOptimization(
          name: Self.threadsName,
          summary: "shares each layer among \(threads) threads",
          kind: .threads
        )
      )
    }
    return steps
  }

  private static let threadsName = "threads"
  private static let summaries = [
    "remove-identities": "removes what changes nothing",
    "fold-constants": "computes what does not depend on the input once, when the plan is built",
    "fold-batch-normalization": "makes batch normalisations part of the weights before them",
    "eliminate-common-subexpressions": "computes equal things once",
    "remove-dead-code": "removes what nobody reads",
  ]

  /// What is on: growing from nothing to everything, and everything but one. The last of the
  /// latter is in the former already.
  private static func configurations(
    _ steps: [EngineOptimization]
  ) -> (chain: [Set<String>], leavingOut: [Set<String>]) {
    let names = steps.map(\.name)
    let chain = (0...names.count).map { Set(names[..<$0]) }
    return (chain, names.dropLast().map { Set(names).subtracting([$0]) })
  }

  private func session(
    _ engine: any Backend,
    _ graph: Graph,
    _ enabled: Set<String>,
    _ steps: [EngineOptimization],
    _ threads: Int
  ) async throws -> any Session {
    let disabled = Set(steps.map(\.name)).subtracting(enabled)
    let passes = PassManager(PassCatalog.export.passes, disabled: disabled)
    var configuration = backend.configuration
    configuration.threadCount = enabled.contains(Self.threadsName) ? threads : 1
    configuration.disabledOptimizations = disabled
    configuration.tuningLevel = 2
    if let precision = configuration.executionPrecisionHint, disabled.contains(precision.rawValue) {
      configuration.executionPrecisionHint = nil
    }
    let plan = try await engine.build(try passes.run(on: graph).graph, configuration: configuration)
    return try plan.plan.makeSession()
  }

  /// Per round, the median time of each session in milliseconds; every other round runs backwards.
  private func measure(
    _ sessions: [any Session],
    _ graph: Graph,
    _ progress: ProgressHandler
  ) throws -> [[Double]] {
    for (index, session) in sessions.enumerated() {
      let feed = try Feed.random(graph, seed: UInt64(index + 1))
      for (name, tensor) in feed.tensors {
        try session.input(name, shape: tensor.shape).copy(tensor)
      }
      try session.run(observer: nil)
    }
    progress(.began(stage: "measure", total: roundCount))
    let clock = ContinuousClock()
    var rounds: [[Double]] = []
    for round in 0..<roundCount {
      var times = [Double](repeating: 0, count: sessions.count)
      for turn in sessions.indices {
        try Task.checkCancellation()
        let index = round % 2 == 0 ? turn : sessions.count - 1 - turn
        try sessions[index].run(observer: nil)
        var runs: [Double] = []
        for _ in 0..<max(1, runsPerTurn) {
          let time = try clock.measure { try sessions[index].run(observer: nil) }
          runs.append(time.milliseconds)
        }
        times[index] = runs.sorted()[runs.count / 2]
      }
      rounds.append(times)
      progress(.advanced(round + 1))
    }
    progress(.finished(summary: "\(counted(rounds.count, "round")) of \(sessions.count)"))
    return rounds
  }

  private func attribution(
    _ summary: AttributionMeasurement.Summary,
    _ engine: any Backend,
    _ graph: Graph,
    _ threads: Int
  ) -> Attribution {
    var version = ""
    if case .available(let found) = engine.availability() { version = found }
    return Attribution(
      model: String(model.split(separator: "/").last ?? ""),
      backend: backend.name,
      backendVersion: version,
      inputShape: graph.inputs.first.flatMap { graph[$0].type.shape?.dimensions } ?? [],
      threadCount: threads,
      method: "\(roundCount) rounds, every other one backwards; in each, every configuration ran "
        + "once untimed and \(runsPerTurn) times timed, of which the median counts. Times are "
        + "medians over the rounds, intervals (95 %) come from drawing whole rounds.",
      start: summary.start,
      end: summary.end,
      bars: summary.bars,
      kinds: summary.kinds,
      speedup: summary.speedup
    )
  }
}

extension Diagnostic.ID {
  /// Too few rounds for a comparison.
  static let compareTooFewRounds: Self = "compare.too-few-rounds"
}
