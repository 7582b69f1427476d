import Diagnostics
import Graphs
import Images
import Metrics
import Passes
import Tensors

/// Lab 9: a network as a list of nodes → its shapes, parameters, arithmetic, memory, and what is dead in it.
///
/// `in/…/graph.json`: input shape, nodes, outputs. `out/…/facts.json`: the shape of each node's result, parameters,
/// multiply-adds of the convolutions, bytes of all results, how wide a part of the picture one number of the output
/// sees, nodes of each operator, names of the nodes that reach no output.
struct GraphFactsTask: CaseTask {
  static let name = "graph-facts"
  let groups = ["chain", "branches", "grouped", "dead"]

  struct Step: Sendable, Codable {
    var name: String
    var op: String
    var inputs: [String]
    var kernel: Int?
    var stride: Int?
    var pad: Int?
    var groups: Int?
    var channels: Int?
    var bias: Bool?
  }

  struct Problem: Sendable, Codable {
    /// [1, C, H, W].
    var input: [Int]
    var nodes: [Step]
    var outputs: [String]
  }

  struct Answer: Sendable, Codable {
    var shapes: [String: [Int]]
    var parameters: Int
    var multiplyAdds: Int
    var bytes: Int
    /// In pixels; edges aside.
    var receptiveField: Int
    var operators: [String: Int]
    var dead: [String]
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    // Where many strides meet a window without padding, nothing is left of the picture.
    for _ in 0..<200 {
      let problem = Self.draw(group, &random)
      let shapes = try? reference(problem).shapes.values
      if let shapes, shapes.allSatisfy({ $0.allSatisfy { $0 > 0 } }) { return problem }
    }
    throw DeployError(.courseInvalidValue, "no network could be drawn")
  }

  /// Draws a network: one of the groups, or `tangled`, with branches and with dead nodes.
  static func draw(_ group: String, _ random: inout SplitMix) -> Problem {
    let hasDead = group == "dead" || group == "tangled"
    let side = 16 * (2 + random.index(below: 5))
    var problem = Problem(
      input: [1, 3, side, side + 16 * random.index(below: 3)],
      nodes: [],
      outputs: []
    )
    var (last, channels, count) = ("image", 3, 0)
    func name(_ op: String) -> String {
      count += 1
      return "\(op.lowercased())\(count)"
    }
    func convolution(_ source: String, _ from: Int, to: Int, stride: Int, groups: Int = 1) -> String
    {
      let kernel = [1, 3, 5][random.index(below: 3)]
      let step = Step(
        name: name("Conv"),
        op: "Conv",
        inputs: [source],
        kernel: kernel,
        stride: stride,
        // Mostly such that the size stays, sometimes none.
        pad: random.index(below: 4) == 0 ? 0 : kernel / 2,
        groups: groups,
        channels: to,
        bias: random.index(below: 3) > 0
      )
      problem.nodes.append(step)
      return step.name
    }
    func simple(_ op: String, _ inputs: [String]) -> String {
      var step = Step(name: name(op), op: op, inputs: inputs)
      if op == "MaxPool" { (step.kernel, step.stride, step.pad) = (3, 2, 1) }
      problem.nodes.append(step)
      return step.name
    }
    for _ in 0..<3 + random.index(below: 4) {
      let next = 4 * (1 + random.index(below: 6))
      last = convolution(last, channels, to: next, stride: 1 + random.index(below: 2))
      channels = next
      last = simple("Relu", [last])
      if group == "grouped" {
        last = convolution(
          last,
          channels,
          to: channels,
          stride: 1,
          groups: [2, 4, channels][random.index(below: 3)]
        )
      }
      if ["branches", "tangled"].contains(group) || (group == "dead" && random.index(below: 2) == 0)
      {
        // Two ways from one point, which meet again.
        problem.nodes.append(
          Step(
            name: name("Conv"),
            op: "Conv",
            inputs: [last],
            kernel: 1,
            stride: 1,
            pad: 0,
            groups: 1,
            channels: channels,
            bias: true
          )
        )
        let side = problem.nodes[problem.nodes.count - 1].name
        let isSum = random.index(below: 2) == 0
        last = simple(isSum ? "Add" : "Concat", [last, side])
        if !isSum { channels *= 2 }
      }
      if random.index(below: 4) == 0 { last = simple("MaxPool", [last]) }
      if hasDead {
        let lost = convolution(last, channels, to: 8, stride: 1)
        if random.index(below: 2) == 0 { _ = simple("Relu", [lost]) }
      }
    }
    problem.outputs = [last]
    return problem
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem, folder, "graph.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    try AnswerFile.json(Answer.self, folder, "facts.json")
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "facts.json")
  }

  /// What the project's own graph says: its shape rules, its costs, its pass that removes dead nodes.
  func reference(_ problem: Problem) throws -> Answer {
    let built = try GraphFactsGraph(problem) { _, shape in
      Tensor(shape: shape, of: Float.self) { $0.initialize(repeating: 0) }
    }
    let graph = built.graph
    let shapes = built.values.filter { $0.key != "image" }.mapValues { value in
      graph[value].type.dimensions.map { $0.value ?? -1 }
    }
    let kept = try PassManager([RemoveDeadCode()]).run(on: graph).graph
    let alive = Set(kept.nodes.map(\.name))
    return Answer(
      shapes: shapes,
      parameters: graph.constants.reduce(0) { $0 + ($1.constant?.shape.count ?? 0) },
      multiplyAdds: graph.nodes.reduce(0) { sum, node in
        type(of: node.op).name == "Conv" ? sum + Int(graph.cost(of: node).multiplyAdds) : sum
      },
      bytes: shapes.values.reduce(0) { $0 + 4 * $1.reduce(1, *) },
      receptiveField: Self.receptiveField(problem),
      operators: Dictionary(problem.nodes.map { ($0.op, 1) }, uniquingKeysWith: +),
      dead: problem.nodes.map(\.name).filter { !alive.contains($0) }.sorted()
    )
  }

  /// How wide a part of the picture one number of the output can depend on: each window adds the pixels between
  /// its first and its last place, and a stride moves places further apart.
  /// Source: r ← r + (k − 1)·j, j ← j·s (Araujo, Norris and Sim, Computing Receptive Fields, Distill 2019).
  static func receptiveField(_ problem: Problem, ignoresStrides: Bool = false) -> Int {
    var known = ["image": (field: 1, jump: 1)]
    for step in problem.nodes {
      let sources = step.inputs.compactMap { known[$0] }
      let (field, jump) = (sources.map(\.field).max() ?? 1, sources.map(\.jump).max() ?? 1)
      known[step.name] = (
        field + ((step.kernel ?? 1) - 1) * jump,
        ignoresStrides ? 1 : jump * (step.stride ?? 1)
      )
    }
    return known[problem.outputs[0]]?.field ?? 1
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    func error(_ value: Int, _ truth: Int) -> Double {
      abs(Double(value) - Double(truth)) / Double(max(1, truth))
    }
    let wrong = expected.shapes.filter { answer.shapes[$0.key] != $0.value }
    let dead = Set(answer.dead).symmetricDifference(expected.dead)
    let limit = bands("error", or: 0)
    var judgement = Judgement(figures: [
      .init(name: "wrong-shapes", value: Double(wrong.count), rule: .atMost, limit: 0),
      .init(
        name: "parameter-error",
        value: error(answer.parameters, expected.parameters),
        rule: .atMost,
        limit: limit
      ),
      .init(
        name: "multiply-add-error",
        value: error(answer.multiplyAdds, expected.multiplyAdds),
        rule: .atMost,
        limit: limit
      ),
      .init(
        name: "byte-error",
        value: error(answer.bytes, expected.bytes),
        rule: .atMost,
        limit: limit
      ),
      .init(
        name: "receptive-field-error",
        value: error(answer.receptiveField, expected.receptiveField),
        rule: .atMost,
        limit: limit
      ),
      .init(
        name: "wrong-operators",
        value: answer.operators == expected.operators ? 0 : 1,
        rule: .atMost,
        limit: 0
      ),
      .init(name: "wrong-dead", value: Double(dead.count), rule: .atMost, limit: 0),
    ])
    guard !judgement.isRight else { return judgement }
    if let first = problem.nodes.first(where: { wrong[$0.name] != nil }) {
      let (got, truth) = (answer.shapes[first.name] ?? [], expected.shapes[first.name] ?? [])
      judgement.place = "\(first.name): \(Shape(got)) ≠ \(Shape(truth))"
    } else if let name = dead.sorted().first {
      judgement.place =
        "\(name): dead \(answer.dead.contains(name)) ≠ \(expected.dead.contains(name))"
    } else {
      judgement.place =
        "parameters \(answer.parameters) ≠ \(expected.parameters); multiply-adds "
        + "\(answer.multiplyAdds) ≠ \(expected.multiplyAdds); bytes \(answer.bytes) ≠ \(expected.bytes); "
        + "receptive field \(answer.receptiveField) ≠ \(expected.receptiveField)"
    }
    return judgement
  }

  func title(_ problem: Problem) -> String {
    "\(problem.nodes.count) nodes on \(Shape(problem.input))"
  }

  func size(_ problem: Problem) -> Int { problem.nodes.count }

  /// Left the network as it is, its dead nodes grey; right what was answered: red where a shape is wrong,
  /// orange where life and death are mixed up.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let nodes = problem.nodes.map { StructurePicture.Node(name: $0.name, inputs: $0.inputs) }
    let (right, said) = (Set(expected.dead), Set(answer.dead))
    let truth = right.reduce(into: [:]) { $0[$1] = StructurePicture.Mark.gone }
    var marks = said.reduce(into: [:]) { $0[$1] = StructurePicture.Mark.gone }
    for name in right.symmetricDifference(said) { marks[name] = .extra }
    for (name, shape) in expected.shapes where answer.shapes[name] != shape { marks[name] = .wrong }
    return StructurePicture(nodes, [("is", truth), ("answered", marks)]).image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .make("bias-not-counted") { problem in
        var answer = try GraphFactsTask().reference(problem)
        for step in problem.nodes where step.bias == true {
          answer.parameters -= step.channels ?? 0
        }
        return answer
      },
      .make("groups-ignored") { problem in
        var other = problem
        for index in other.nodes.indices {
          other.nodes[index].groups = other.nodes[index].groups.map { _ in 1 }
        }
        return try GraphFactsTask().reference(other)
      },
      .make("stride-ignored") { problem in
        var other = problem
        for index in other.nodes.indices {
          other.nodes[index].stride = other.nodes[index].stride.map { _ in 1 }
        }
        var answer = try GraphFactsTask().reference(other)
        // That has a rule of its own.
        answer.receptiveField = Self.receptiveField(problem)
        return answer
      },
      .make("dead-not-found") { problem in
        var answer = try GraphFactsTask().reference(problem)
        answer.dead = []
        return answer
      },
      .undo("elements-not-bytes") { answer, _ in
        var answer = answer
        answer.bytes = answer.bytes.multipliedReportingOverflow(by: 4).partialValue
        return answer
      },
      .undo("additions-counted") { answer, _ in
        var answer = answer
        answer.multiplyAdds /= 2
        return answer
      },
      .make("jump-forgotten") { problem in
        var answer = try GraphFactsTask().reference(problem)
        answer.receptiveField = Self.receptiveField(problem, ignoresStrides: true)
        return answer
      },
      .make("only-last-node-dead") { problem in
        // Nobody reads it: but what only it reads is dead, too.
        var answer = try GraphFactsTask().reference(problem)
        let read = Set(problem.nodes.flatMap(\.inputs) + problem.outputs)
        answer.dead = problem.nodes.map(\.name).filter { !read.contains($0) }.sorted()
        return answer
      },
    ]
  }
}
