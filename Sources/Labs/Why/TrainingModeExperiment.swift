import Backends
import BackendsNative
import Detectors
import Graphs
import Images
import Metrics
import Models
import Passes
import Pipelines
import Scenes
import Tensors

/// W4: the same picture in batches of two, each time with another neighbour, with normalizations as they are
/// when used and as they are in training.
struct TrainingModeExperiment: WhyExperiment {
  static let name = "training-mode"
  static let parameters = [
    WhyParameter("neighbours", 6, in: 2...16), WhyParameter("size", 160, in: 96...320, step: 32),
  ]
  static let chart = WhyChart(x: 0, y: [1, 2])

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let (size, count) = (settings.count("size"), settings.count("neighbours"))
    let bench = try NetworkBench(model: model, dynamic: .batch, size: size)
    let training = try PassManager([RewritePass(NormalizeByBatch())]).run(on: bench.graph).graph
    let normalizations = bench.graph.nodes.count { $0.op is BatchNormalization }
    progress(.began(stage: "W4", total: count))
    let sessions = try await [bench.graph, training].asyncSessions()
    let pictures = try (0...count).map { try picture($0, size) }
    let workspace = LetterboxWorkspace()
    var letterbox = Letterbox()
    (letterbox.width, letterbox.height) = (size, size)
    letterbox.fit = .square
    var scores: [[Double]] = [[], []]
    for neighbour in 1...count {
      try Task.checkCancellation()
      for (index, session) in sessions.enumerated() {
        let input = try session.input(
          bench.graph.inputs.first.map { bench.graph[$0].name } ?? "",
          shape: Shape([2, 3, size, size])
        )
        try letterbox.write(pictures[0], to: input, using: workspace)
        try letterbox.write(pictures[neighbour], to: input, at: 1, using: workspace)
        try session.run(observer: nil)
        let output = try session.output(session.outputNames[0]).tensor()
        scores[index].append(try Self.surest(output))
      }
      progress(.advanced(neighbour))
    }
    progress(.finished(summary: "one picture beside \(count) others"))
    let spreads = scores.map { (($0.max() ?? 0) - ($0.min() ?? 0)) * 100 }
    return WhyFindings(
      value: spreads[1],
      columns: ["neighbour", "surest box, in use (%)", "surest box, in training (%)"],
      rows: (0..<count).map {
        [Double($0 + 1), scores[0][$0] * 100, scores[1][$0] * 100]
      },
      // A sum may be taken in another order, so the last bits may differ.
      agrees: spreads[0] < 1e-3 && spreads[1] > 1,
      figures: [
        "use": spreads[0], "training": spreads[1], "layers": Double(normalizations),
        "least": (scores[1].min() ?? 0) * 100, "most": (scores[1].max() ?? 0) * 100,
      ]
    )
  }

  private func picture(_ index: Int, _ size: Int) throws -> Image {
    let options = SceneOptions(width: size, height: size)
    return try Scene(seed: 400, index: index, options: options).image
  }

  /// The largest objectness times class score of the first picture of [2, rows, 5 + classes].
  private static func surest(_ output: Tensor) throws -> Double {
    let (rows, columns) = (output.shape[1], output.shape[2])
    let values = try output.scalars(of: Float.self).prefix(rows * columns)
    return (0..<rows).reduce(0.0) { best, row in
      let start = row * columns
      let sure = values[start + 5..<start + columns].max() ?? 0
      return max(best, Double(values[start + 4] * sure))
    }
  }
}

extension [Graph] {
  /// A session of each on the native engine.
  fileprivate func asyncSessions() async throws -> [any Session] {
    var sessions: [any Session] = []
    for graph in self {
      let plan = try await NativeBackend().build(graph, configuration: BuildConfiguration()).plan
      sessions.append(try plan.makeSession())
    }
    return sessions
  }
}

/// Normalizations as in training: by the mean and the variance of the batch at hand, not by those that
/// were learnt.
///
///     y = BatchNormalization(x, γ, β, mean, variance)
///     →   d = x − E(x),   y = d / √(E(d²) + ε) · γ + β,   E over batch, height and width
private struct NormalizeByBatch: RewriteRule {
  let name = "normalize-by-batch"

  func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    guard let op = node.op as? BatchNormalization, let x = node.inputs[0],
      let gamma = node.inputs[1].flatMap({ graph[$0].constant }),
      let beta = node.inputs[2].flatMap({ graph[$0].constant })
    else { return nil }
    var patch = Patch("\(node.name) by the statistics of its batch")
    func constant(_ name: String, _ tensor: Tensor) throws -> Patch.Value {
      patch.constant("\(node.name).\(name)", tensor)
    }
    func apply(_ op: any Operator, _ inputs: [Patch.Value?], _ name: String) -> Patch.Value {
      patch.node(op, inputs, name: "\(node.name).\(name)", standingFor: [node])
    }
    let shape = Shape([1, gamma.shape.count, 1, 1])
    let axes = try constant("axes", try Tensor([Int64(0), 2, 3], shape: [3]))
    let scale = try constant("gamma", try Tensor(gamma.floats(), shape: shape))
    let shift = try constant("beta", try Tensor(beta.floats(), shape: shape))
    let epsilon = try constant("epsilon", Tensor(scalar: op.epsilon))
    let mean = apply(ReduceMean(), [.existing(x), axes], "mean")
    let difference = apply(Sub(), [.existing(x), mean], "difference")
    let square = apply(Mul(), [difference, difference], "square")
    let variance = apply(ReduceMean(), [square, axes], "variance")
    let root = apply(Sqrt(), [apply(Add(), [variance, epsilon], "sum")], "root")
    let scaled = apply(Mul(), [apply(Div(), [difference, root], "normal"), scale], "scaled")
    patch.replace(node.outputs[0], with: apply(Add(), [scaled, shift], "shifted"))
    patch.remove(node)
    return patch
  }
}
