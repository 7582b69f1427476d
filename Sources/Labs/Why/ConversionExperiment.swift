import Backends
import BackendsNative
import Graphs
import Metrics
import Passes
import Pipelines
import Tensors

/// W1: the same network operator by operator, as a graph, with its operators fused, and with its
/// memory planned.
struct ConversionExperiment: WhyExperiment {
  static let name = "conversion"
  /// Small, so that many rounds fit into seconds.
  static let parameters = [
    WhyParameter("size", 160, in: 96...320, step: 32), WhyParameter("threads", 1, in: 1...4),
  ]
  static let chart = WhyChart(y: [0])

  private static let planning: Set<String> = [
    "channels-last", "views", "decode-with-convolution", "share-memory",
  ]
  private static let fusion: Set<String> = [
    "fold-batch-normalization", "fuse-silu", "fuse-convolution-activation", "fuse-convolution-sum",
    "fuse-detect-head",
  ]

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let (size, threads) = (settings.count("size"), settings.count("threads"))
    let bench = try NetworkBench(model: model, size: size)
    progress(.began(stage: "W1", total: nil))
    let single = try await OperatorByOperator(bench.graph, threads: threads)
    let shape = Shape([1, 3, size, size])
    var sessions: [any Session] = []
    for disabled in [Self.planning.union(Self.fusion), Self.planning, []] {
      var configuration = BuildConfiguration()
      (configuration.threadCount, configuration.disabledOptimizations) = (threads, disabled)
      let plan = try await NativeBackend().build(bench.graph, configuration: configuration).plan
      let session = try plan.makeSession()
      _ = try session.input(plan.info.inputs[0].name, shape: shape)
      sessions.append(session)
    }
    progress(.finished(summary: "\(single.count) operators"))
    let image = try Tensor([Float](repeating: 0.5, count: shape.count), shape: shape)
    let steps: [() throws -> Void] =
      [{ try single.run(image) }] + sessions.map { session in { try session.run(observer: nil) } }
    let whole = try TurnTimes(seconds: 3, [steps[0], steps[3]], progress: progress)
    let parts = try TurnTimes(seconds: 4, steps, progress: progress)
    let times = steps.indices.map(parts.median)
    let gains = zip(times, times.dropFirst()).map { $0 - $1 }
    // The gap in rounds of its own: the parts must add up to it, which they need not.
    let gap = whole.median(0) - whole.median(1)
    let sum = gains.reduce(0, +)
    let order = gains.indices.sorted { gains[$0] > gains[$1] }
    return WhyFindings(
      value: Double(order.reduce(0) { $0 * 10 + $1 + 1 }),
      columns: ["ms per run", "saved (ms)", "share of the gap (%)"],
      rows: [[times[0], 0, 0]]
        + gains.indices.map { [times[$0 + 1], gains[$0], gains[$0] / gap * 100] },
      agrees: abs(sum - gap) <= 0.15 * gap && gains.allSatisfy { $0 > -0.05 * gap }
        && zip(order, order.dropFirst()).allSatisfy { gains[$0] > gains[$1] + 0.02 * gap },
      figures: [
        "gap": gap, "sum": sum, "times": whole.ratio(0, to: 1).value,
        "graph": gains[0] / gap * 100, "fusion": gains[1] / gap * 100,
        "planning": gains[2] / gap * 100,
      ],
      labels: [
        "operator by operator", "1: one plan of the whole graph", "2: operators fused",
        "3: layout and memory planned",
      ]
    )
  }
}

/// A network whose nodes run one at a time: each a plan of its own that nobody told what comes
/// next, each result in new memory.
final class OperatorByOperator {
  private struct Step {
    let session: any Session
    let inputs: [String]
    let outputs: [String]
  }
  private var steps: [Step] = []
  private let input: String
  /// When a value is read for the last time.
  private var last: [String: Int] = [:]

  var count: Int { steps.count }

  init(_ graph: Graph, threads: Int) async throws {
    var configuration = BuildConfiguration()
    configuration.threadCount = threads
    input = graph.inputs.first.map { graph[$0].name } ?? ""
    let results = Set(graph.outputs.map { graph[$0].name })
    for index in 0..<graph.nodeCount {
      try Task.checkCancellation()
      let part = try graph.part(index..<index + 1)
      // A node without operands is a constant of the next.
      guard !part.outputs.isEmpty else { continue }
      let plan = try await NativeBackend().build(part, configuration: configuration).plan
      let names = part.inputs.map { part[$0].name }
      let step = Step(
        session: try plan.makeSession(),
        inputs: names,
        outputs: part.outputs.map { part[$0].name }
      )
      for name in names where !results.contains(name) { last[name] = steps.count }
      steps.append(step)
    }
  }

  func run(_ image: Tensor) throws {
    var values = [input: image]
    for (index, step) in steps.enumerated() {
      var operands: [String: Tensor] = [:]
      for name in step.inputs { operands[name] = values[name] }
      let found = try step.session.run(operands)
      for name in step.outputs { values[name] = found[name] }
      for name in step.inputs where last[name] == index { values[name] = nil }
    }
  }
}
