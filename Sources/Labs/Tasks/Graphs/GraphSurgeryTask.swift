import Diagnostics
import Files
import Glibc
import Graphs
import Images
import Metrics
import Tensors

/// Lab 9, second part: an ONNX file and orders → a smaller one that computes the same where it still computes.
///
/// `in/…/model.onnx`, `orders.json`. `out/…/model.onnx` (groups `cut` and `tap`): the ordered outputs under the ordered names,
/// nothing else; or `first.onnx` and `second.onnx` (group `split`), which one after the other are the whole.
struct GraphSurgeryTask: CaseTask {
  static let name = "graph-surgery"
  let groups = ["cut", "tap", "split"]

  /// What is to be done.
  struct Orders: Sendable, Codable {
    struct Output: Sendable, Codable {
      /// The value's name in the given file.
      var value: String
      /// Its name afterwards.
      var name: String
    }
    /// The new name of the network's input.
    var input: String?
    /// All outputs that remain, in order.
    var outputs: [Output]?
    /// What the first part must compute; everything else belongs to the second.
    var at: String?
  }

  struct Problem: Sendable {
    var network: GraphFactsTask.Problem
    var orders: Orders
    var seed: UInt64

    /// The nodes that some values depend on, in order.
    func needed(_ values: [String]) -> [GraphFactsTask.Step] {
      var wanted = Set(values)
      var kept: [GraphFactsTask.Step] = []
      for step in network.nodes.reversed() where wanted.contains(step.name) {
        wanted.formUnion(step.inputs)
        kept.append(step)
      }
      return kept.reversed()
    }

    /// Both parts of a split: nodes, and the values that go from one to the other.
    var halves: (first: [GraphFactsTask.Step], second: [GraphFactsTask.Step], crossing: [String]) {
      let first = needed([orders.at ?? ""])
      let names = Set(first.map(\.name))
      let second = needed(network.outputs).filter { !names.contains($0.name) }
      let read = Set(second.flatMap(\.inputs))
      return (first, second, first.map(\.name).filter(read.contains))
    }

    func probe() throws -> Tensor {
      let shape = network.input
      let probe = Probe(
        batch: 1,
        channels: shape[1],
        height: shape[2],
        width: shape[3],
        seed: seed
      )
      return try probe.tensor()
    }

    /// The numbers of a constant: a function of its name.
    func weight(_ name: String, _ shape: Shape) throws -> Tensor {
      var random = SplitMix(seed: name.utf8.reduce(seed) { ($0 &* 31) &+ UInt64($1) })
      let numbers =
        shape.dimensions.count == 4
        ? WeightDraw.convolution(shape.dimensions, &random)
        : WeightDraw.numbers(shape.count, -0.5, 0.5, &random)
      return try Tensor(numbers, shape: shape)
    }
  }

  struct Answer: Sendable {
    /// One file, or both parts.
    var parts: [NetworkPart]
    /// What they compute, by the names of the outputs; nil where they do not run.
    var results: [String: [Float]]?
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    for _ in 0..<2000 {
      var network = GraphFactsTask.draw("tangled", &random)
      network.input = [1, 3, 24, 32]
      let facts = try? GraphFactsTask().reference(network)
      guard let facts, facts.multiplyAdds < 8_000_000,
        facts.shapes.values.allSatisfy({ $0.allSatisfy { $0 > 0 } })
      else { continue }
      var problem = Problem(network: network, orders: Orders(), seed: random.next())
      if Self.order(group, &problem, &random) { return problem }
    }
    throw DeployError(.courseInvalidValue, "no network could be drawn")
  }

  /// Draws what is to be done; false where the network offers nothing.
  private static func order(
    _ group: String,
    _ problem: inout Problem,
    _ random: inout SplitMix
  ) -> Bool {
    let alive = problem.needed(problem.network.outputs)
    let last = problem.network.outputs[0]
    let inner = alive.dropFirst(2).dropLast(2).map(\.name)
    guard let name = inner.isEmpty ? nil : inner[random.index(below: inner.count)] else {
      return false
    }
    switch group {
    case "cut":
      problem.orders = Orders(input: "pixels", outputs: [.init(value: name, name: "features")])
    case "tap":
      let outputs = [(last, "output"), (name, "tap")].map(Orders.Output.init)
      problem.orders = Orders(input: "pixels", outputs: outputs)
    default:
      // One way around the place at least, so that more than one value crosses.
      problem.orders = Orders(at: name)
      return problem.halves.crossing.count > 1
    }
    return true
  }

  func write(_ problem: Problem, to folder: String) throws {
    let path = folder + "/model.onnx"
    try NetworkPart(GraphFactsGraph(problem.network, weight: problem.weight).graph)
      .write(folder, "model.onnx")
    chmod(path, 0o644)
    try AnswerFile.write(problem.orders, folder, "orders.json")
  }

  private static func files(_ problem: Problem) -> [String] {
    problem.orders.at == nil ? ["model.onnx"] : ["first.onnx", "second.onnx"]
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    try answer(Self.files(problem).map { try NetworkPart(folder, $0) }, problem)
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    for (part, name) in zip(answer.parts, Self.files(problem)) { try part.write(folder, name) }
  }

  /// Runs the parts one after the other: what the first computes is given to the second.
  private func answer(_ parts: [NetworkPart], _ problem: Problem) throws -> Answer {
    let image = problem.orders.input ?? "image"
    var known = [image: try problem.probe()]
    for part in parts {
      guard let results = part.run(known) else { return Answer(parts: parts, results: nil) }
      known.merge(results) { $1 }
    }
    let wanted = problem.orders.outputs?.map(\.name) ?? problem.network.outputs
    let results = try wanted.reduce(into: [String: [Float]]()) { results, name in
      results[name] = try known[name]?.converted(to: .float32).scalars(of: Float.self)
    }
    return Answer(parts: parts, results: results)
  }

  /// Built from the nodes that must be left, with the same weights.
  func reference(_ problem: Problem) throws -> Answer {
    func part(
      _ steps: [GraphFactsTask.Step],
      inputs: [(source: String, name: String, shape: [Int])],
      outputs: [(source: String, name: String)]
    ) throws -> NetworkPart {
      var network = problem.network
      network.nodes = steps
      let built = try GraphFactsGraph(
        network,
        inputs: inputs,
        outputs: outputs,
        weight: problem.weight
      )
      return try NetworkPart(built.graph)
    }
    let shape = problem.network.input
    guard problem.orders.at != nil else {
      let outputs = problem.orders.outputs ?? []
      let one = try part(
        problem.needed(outputs.map(\.value)),
        inputs: [("image", problem.orders.input ?? "image", shape)],
        outputs: outputs.map { ($0.value, $0.name) }
      )
      return try answer([one], problem)
    }
    let (first, second, crossing) = problem.halves
    let shapes = try GraphFactsTask().reference(problem.network).shapes
    let parts = [
      try part(first, inputs: [("image", "image", shape)], outputs: crossing.map { ($0, $0) }),
      try part(
        second,
        inputs: crossing.map { ($0, $0, shapes[$0] ?? []) },
        outputs: problem.network.outputs.map { ($0, $0) }
      ),
    ]
    return try answer(parts, problem)
  }

  func title(_ problem: Problem) -> String {
    let orders = problem.orders
    let words =
      orders.at.map { "split at \($0)" }
      ?? (orders.outputs ?? []).map { "\($0.value) → \($0.name)" }.joined(separator: ", ")
    return "\(problem.network.nodes.count) nodes, \(words)"
  }

  func size(_ problem: Problem) -> Int { problem.network.nodes.count }

  /// Left the network before, what must go grey and the second part green; right what is left of it.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let nodes = problem.network.nodes.map {
      StructurePicture.Node(name: $0.name, inputs: $0.inputs)
    }
    func placed(_ parts: [NetworkPart]) -> [String: Int] {
      parts.enumerated().reduce(into: [:]) { places, part in
        for node in part.element.nodes { places[node.name, default: 0] |= 1 << part.offset }
      }
    }
    let (right, own) = (placed(expected.parts), placed(answer.parts))
    var (before, after): ([String: StructurePicture.Mark], [String: StructurePicture.Mark]) = (
      [:], [:]
    )
    for node in nodes {
      let (place, left) = (right[node.name] ?? 0, own[node.name] ?? 0)
      before[node.name] = place == 0 ? .gone : place == 2 ? .second : nil
      after[node.name] =
        place == left ? before[node.name] : left == 0 ? .missing : place == 0 ? .extra : .wrong
    }
    return StructurePicture(nodes, [("before", before), ("after", after)]).image
  }
}
