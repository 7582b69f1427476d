import Diagnostics
import Glibc
import Graphs
import Images
import Metrics
import Tensors

/// Lab 11: two engines that disagree at the end → the node where they first do, what is wrong there, and an input
/// that shows it, with few looks.
///
/// `in/…/network.json`: the nodes in order. The engines are on the other side of a conversation. `out/…/faults.json`: nodes,
/// kinds, inputs. The faults are taken out by what the answer says, and the output is compared again.
struct DivergenceTask: CaseTask {
  static let name = "divergence"
  let groups = ["thirty", "branches", "two-hundred", "masked"]
  let answersQuestions = true

  struct Problem: Sendable {
    var group: String
    var board: TapBoard
    /// The faults, in order, each with an input that shows it.
    var faults: [TapBoard.Fault] { board.faults }
  }

  struct Found: Sendable, Codable {
    var node: String
    var kind: String
    var input: Int
  }

  struct Answer: Sendable, Codable {
    var faults: [Found]
  }

  private struct Step: Codable {
    var name: String
    var op: String
    var inputs: [String]
  }

  private struct Document: Codable {
    var nodes: [Step]
    var output: String
    var inputs: Int
    var channels: Int
    var kinds: [String: [String]]
  }

  /// What can be wrong with a node of an operator.
  static let kinds: [String: [TapBoard.Kind]] = [
    "Conv": [.biasLost, .channelsReversed, .doubled, .saturated],
    "LeakyRelu": [.activationLost, .doubled], "Tanh": [.activationLost, .doubled],
    "Add": [.operandLost, .doubled],
  ]

  func write(_ problem: Problem, to folder: String) throws {
    let graph = problem.board.graph
    let steps = graph.nodes.map { node in
      Step(
        name: node.name,
        op: type(of: node.op).name,
        inputs: node.inputs.compactMap { $0 }.filter { graph[$0].constant == nil }
          .map { graph[$0].name }
      )
    }
    let document = Document(
      nodes: steps,
      output: problem.board.output,
      inputs: problem.board.inputs.count,
      channels: Self.channels,
      kinds: Self.kinds.mapValues { $0.map(\.rawValue) }
    )
    try AnswerFile.write(document, folder, "network.json")
  }

  func answer(_ question: [Substring], about problem: Problem) -> String {
    problem.board.answer(question)
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "faults.json")
    guard answer.faults.count <= 8 else {
      throw AnswerFile.malformed("faults.json", "names \(answer.faults.count) faults")
    }
    for found in answer.faults {
      guard TapBoard.Kind(rawValue: found.kind) != nil else {
        throw AnswerFile.malformed(
          "faults.json",
          "names no kind of the list: '\(found.kind.prefix(40))'"
        )
      }
      guard problem.board.inputs.indices.contains(found.input) else {
        throw AnswerFile.malformed("faults.json", "names no input: \(found.input)")
      }
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "faults.json")
  }

  func reference(_ problem: Problem) throws -> Answer {
    Answer(
      faults: problem.faults.map { fault in
        let shown = problem.board.inputs.indices.max { left, right in
          problem.board.error(of: fault.node, input: left)
            < problem.board.error(of: fault.node, input: right)
        }
        return Found(node: fault.node, kind: fault.kind.rawValue, input: shown ?? 0)
      }
    )
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    func set(_ answer: Answer) -> Set<TapBoard.Fault> {
      Set(
        answer.faults.compactMap { found in
          TapBoard.Kind(rawValue: found.kind).map { .init(node: found.node, kind: $0) }
        }
      )
    }
    let (own, right) = (set(answer), set(expected))
    let wrong = own.symmetricDifference(right)
    let blind = answer.faults.filter { found in
      right.contains { $0.node == found.node }
        && problem.board.error(of: found.node, input: found.input) < Self.tolerance
    }
    let count = problem.board.graph.nodeCount
    let taps = Double(problem.board.taps.count) / Double(max(1, problem.faults.count))
    let error = problem.board.error(repairing: Array(own))
    let left = problem.board.error(repairing: Array(right))
    var result = Judgement(figures: [
      .init(name: "wrong-faults", value: Double(wrong.count), rule: .atMost, limit: 0),
      .init(name: "inputs-that-show-nothing", value: Double(blind.count), rule: .atMost, limit: 0),
      .init(name: "error-after-repair", value: error, rule: .atMost, limit: max(1e-4, left)),
      .init(
        name: "looks-per-fault",
        value: taps,
        rule: .atMost,
        limit: (bands("looks", or: 2) * log2(Double(count)) + 3).rounded()
      ),
    ])
    guard !result.isRight else { return result }
    let first = answer.faults.first
    let truth = problem.faults.first
    result.place =
      wrong.isEmpty
      ? "\(problem.board.taps.count) looks at \(count) nodes"
      : "\(first.map { "\($0.node.prefix(40)) \($0.kind)" } ?? "–") ≠ "
        + "\(truth.map { "\($0.node) \($0.kind.rawValue)" } ?? "–")"
    return result
  }

  func title(_ problem: Problem) -> String {
    "\(problem.board.graph.nodeCount) nodes, \(problem.faults.count) fault(s)"
  }

  func size(_ problem: Problem) -> Int { problem.board.graph.nodeCount }

  /// The staircase: for each node how far the two engines are apart, from 10⁻⁷ at the bottom to 1. Where a fault
  /// is, the column is green, where the answer says so, red above.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let input = expected.faults.first?.input ?? 0
    let errors = problem.board.errors(input: input)
    let (side, height) = (max(1, 240 / max(1, errors.count)), 70)
    let width = side * errors.count
    guard width > 0 else { return nil }
    var plot = Plot(width: width, height: height)
    let (own, right) = (Set(answer.faults.map(\.node)), Set(expected.faults.map(\.node)))
    for (index, entry) in errors.enumerated() {
      let level = Int(max(0, min(7, 7 + log10(Double(max(entry.error, 1e-12))))) * 8)
      for x in index * side..<(index + 1) * side {
        if own.contains(entry.node) { plot.line(x, 0..<6, Plot.answer) }
        let color = right.contains(entry.node) ? Plot.truth : Plot.bar
        plot.line(x, height - level..<height, color)
      }
    }
    return plot.image
  }

  static let tolerance: Float = 1e-4
  static let channels = 3
}
