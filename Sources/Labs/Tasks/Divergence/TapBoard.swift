import Diagnostics
import Graphs
import Metrics
import Synchronization
import Tensors

/// Two engines that should compute the same network, with probes: one by the operators' definitions, one with faults
/// in it. Both are in the grader; what a program looks at is counted.
final class TapBoard: Sendable {
  /// What can be wrong with a node.
  enum Kind: String, Sendable, Codable, CaseIterable {
    case biasLost = "bias-lost"
    case channelsReversed = "channels-reversed"
    case doubled
    case saturated
    case activationLost = "activation-lost"
    case operandLost = "operand-lost"
  }

  struct Fault: Sendable, Hashable {
    var node: String
    var kind: Kind
  }

  let graph: Graph
  /// The faults of the engine under test.
  let faults: [Fault]
  let inputs: [Tensor]
  /// The least value that a saturated node cannot pass.
  let ceiling: Float
  private let references: [[String: [Float]]]
  /// The values of the engine under test, for each input, with all faults in place.
  private let initial: [[String: [Float]]]

  private struct State {
    /// The nodes that were looked at, in order.
    var taps: [String] = []
    var repairs: [Fault] = []
    /// The values of the engine under test, for each input, under the repairs.
    var candidates: [[String: [Float]]]
  }
  private let state: Mutex<State>

  init(_ graph: Graph, _ faults: [Fault], inputs: [Tensor], ceiling: Float) throws {
    (self.graph, self.faults, self.inputs, self.ceiling) = (graph, faults, inputs, ceiling)
    references = try inputs.map { try Self.values(graph, $0, [], ceiling) }
    initial = try inputs.map { try Self.values(graph, $0, faults, ceiling) }
    state = Mutex(State(candidates: initial))
  }

  /// The same network with other faults.
  init(_ board: TapBoard, _ faults: [Fault]) throws {
    (graph, self.faults, inputs, ceiling) = (board.graph, faults, board.inputs, board.ceiling)
    references = board.references
    initial = try inputs.map { [graph, ceiling] in try Self.values(graph, $0, faults, ceiling) }
    state = Mutex(State(candidates: initial))
  }

  var taps: [String] { state.withLock { $0.taps } }

  /// Answers `tap INPUT NODE`, `repair NODE KIND` and `error`.
  func answer(_ words: [Substring]) -> String {
    state.withLock { state in
      switch words.first {
      case "error":
        return Self.list(inputs.indices.map { error(state.candidates, $0, output) })
      case "tap" where words.count == 3:
        guard let input = Int(words[1]), inputs.indices.contains(input),
          let right = references[input][String(words[2])],
          let own = state.candidates[input][String(words[2])]
        else { return "? tap INPUT NODE" }
        if state.taps.count < 100_000 { state.taps.append(String(words[2])) }
        return "{\"reference\": \(Self.list(right)), \"candidate\": \(Self.list(own))}"
      case "repair" where words.count == 3:
        guard let kind = Kind(rawValue: String(words[2])), state.repairs.count < 8 else {
          return "? repair NODE KIND, eight times at most"
        }
        state.repairs.append(Fault(node: String(words[1]), kind: kind))
        let left = faults.filter { !state.repairs.contains($0) }
        for index in inputs.indices {
          guard let values = try? Self.values(graph, inputs[index], left, ceiling) else { continue }
          state.candidates[index] = values
        }
        return "repaired"
      default: return "? tap INPUT NODE, repair NODE KIND or error"
      }
    }
  }

  private static func list(_ numbers: [Float]) -> String {
    "[" + numbers.map { $0.isFinite ? "\($0)" : "null" }.joined(separator: ", ") + "]"
  }

  var output: String { graph[graph.outputs[0]].name }

  /// The largest difference of a node's values, over their largest magnitude.
  private func error(_ candidates: [[String: [Float]]], _ input: Int, _ node: String) -> Float {
    guard let right = references[input][node], let own = candidates[input][node] else { return 0 }
    return Self.error(own, right)
  }

  static func error(_ own: [Float], _ right: [Float]) -> Float {
    let largest = right.reduce(Float(1e-9)) { max($0, abs($1)) }
    return zip(own, right).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) } / largest
  }

  /// How far a node is from the right one, with all faults in place.
  func error(of node: String, input: Int) -> Float {
    error(initial, input, node)
  }

  /// The error of every node for one input, in order, with all faults in place.
  func errors(input: Int) -> [(node: String, error: Float)] {
    graph.nodes.map { ($0.name, error(initial, input, $0.name)) }
  }

  /// The error of the output, over all inputs, once faults are repaired.
  func error(repairing repairs: [Fault]) -> Double {
    let left = faults.filter { !repairs.contains($0) }
    guard left != faults else {
      return inputs.indices.reduce(0.0) { max($0, Double(error(initial, $1, output))) }
    }
    return inputs.indices.reduce(0.0) { worst, index in
      guard let own = try? Self.values(graph, inputs[index], left, ceiling)[output],
        let right = references[index][output]
      else { return worst }
      return max(worst, Double(Self.error(own, right)))
    }
  }

  /// Every node's values. An engine with faults also rounds a little differently, as every other engine does.
  static func values(
    _ graph: Graph,
    _ input: Tensor,
    _ faults: [Fault],
    _ ceiling: Float
  ) throws -> [String: [Float]] {
    var tensors = [graph.inputs[0]: input]
    var values: [String: [Float]] = [:]
    let isOther = !faults.isEmpty
    for (place, node) in graph.nodes.enumerated() {
      let operands = node.inputs.map { id in id.flatMap { tensors[$0] ?? graph[$0].constant } }
      guard let result = try node.op.evaluate(operands).first else { continue }
      var numbers = try result.scalars(of: Float.self)
      for fault in faults where fault.node == node.name {
        try spoil(&numbers, fault.kind, operands, result.shape, ceiling)
      }
      if isOther {
        for index in numbers.indices {
          numbers[index] *= 1 + 2e-7 * Float((index + 7 * place) % 3 - 1)
        }
      }
      values[node.name] = numbers
      tensors[node.outputs[0]] = try Tensor(numbers, shape: result.shape)
    }
    return values
  }

  private static func spoil(
    _ numbers: inout [Float],
    _ kind: Kind,
    _ operands: [Tensor?],
    _ shape: Shape,
    _ ceiling: Float
  ) throws {
    let channels = shape.dimensions[1]
    let plane = numbers.count / channels
    switch kind {
    case .doubled: for index in numbers.indices { numbers[index] *= 2 }
    case .saturated: for index in numbers.indices { numbers[index] = min(numbers[index], ceiling) }
    case .channelsReversed:
      let old = numbers
      for index in numbers.indices {
        numbers[index] = old[(channels - 1 - index / plane) * plane + index % plane]
      }
    case .biasLost:
      guard operands.count > 2, let bias = try operands[2]?.scalars(of: Float.self) else { return }
      for index in numbers.indices { numbers[index] -= bias[index / plane] }
    case .activationLost, .operandLost:
      if let first = operands.first ?? nil { numbers = try first.scalars(of: Float.self) }
    }
  }
}
