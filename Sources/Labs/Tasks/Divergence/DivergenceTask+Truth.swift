import Diagnostics
import Graphs
import Metrics
import Tensors

extension DivergenceTask {
  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    for _ in 0..<20 {
      let graph = try Self.graph(group, &random)
      // Small, usual and large numbers: not every input shows every fault.
      let inputs = try [0.2, 1, 4].map { scale in
        let numbers = WeightDraw.numbers(Self.channels * 9, -scale, scale, &random)
        return try Tensor(numbers, shape: [1, Self.channels, 3, 3])
      }
      let healthy = try TapBoard(graph, [], inputs: inputs, ceiling: 1.5)
      // A fault may hide; then it is put elsewhere.
      for _ in 0..<20 {
        let faults = Self.faults(group, index, graph, &random)
        if let board = try Self.board(healthy, faults, group) {
          return Problem(group: group, board: board)
        }
      }
    }
    throw DeployError(.courseInvalidValue, "no network with visible faults could be drawn")
  }

  private static func faults(
    _ group: String,
    _ index: Int,
    _ graph: Graph,
    _ random: inout SplitMix
  ) -> [TapBoard.Fault] {
    let all = TapBoard.Kind.allCases
    let wanted = group == "masked" ? 2 : 1
    return (0..<wanted).map { number in
      let kind = all[(index - 1 + number * 2) % all.count]
      // Two faults: one in each half.
      let nodes = graph.nodes.filter { kinds[type(of: $0.op).name]?.contains(kind) ?? false }
      let low = number * nodes.count / wanted
      // Early on, before values have grown, small numbers do not saturate yet.
      let isEarly = kind == .saturated && group == "thirty"
      let high = isEarly ? 3 : (number + 1) * nodes.count / wanted
      return TapBoard.Fault(node: nodes[low + random.index(below: high - low)].name, kind: kind)
    }
  }

  /// The engines with these faults, where each of them is plain to see.
  private static func board(
    _ healthy: TapBoard,
    _ faults: [TapBoard.Fault],
    _ group: String
  ) throws -> TapBoard? {
    let board = try TapBoard(healthy, faults)
    for fault in faults {
      let alone = faults.count == 1 ? board : try TapBoard(healthy, [fault])
      let inputs = alone.inputs.indices
      let shown = inputs.max { alone.outputError($0) < alone.outputError($1) } ?? 0
      guard alone.outputError(shown) > 0.003, alone.shows(fault, input: shown),
        board.error(of: fault.node, input: shown) > 0.003
      else { return nil }
      // Small numbers must not saturate: then a program has to choose its input.
      if group == "thirty", fault.kind == .saturated, alone.outputError(0) > tolerance {
        return nil
      }
    }
    return board
  }

  /// Blocks of a convolution, an activation and a sum with what came before; three long branches side by side
  /// where the group asks for that.
  private static func graph(_ group: String, _ random: inout SplitMix) throws -> Graph {
    var graph = Graph(name: "divergence")
    let x = graph.addInput("input", TensorType(.float32, [1, .fixed(channels), 3, 3]))
    let blocks = ["thirty": 10, "branches": 8, "two-hundred": 66, "masked": 20][group] ?? 10
    if group == "branches" {
      var ends: [ValueID] = []
      for branch in 0..<3 {
        var end = x
        for block in 0..<blocks {
          end = try Self.block(end, "b\(branch)_\(block)", &graph, &random)
        }
        ends.append(end)
      }
      let sum = try graph.add(Add(), [ends[0], ends[1]], name: "join1")
      let last = try graph.add(Add(), [sum[0], ends[2]], name: "join2")
      graph.markOutput(last[0])
    } else {
      var end = x
      for block in 0..<blocks { end = try Self.block(end, "b\(block)", &graph, &random) }
      graph.markOutput(end)
    }
    return graph
  }

  private static func block(
    _ x: ValueID,
    _ name: String,
    _ graph: inout Graph,
    _ random: inout SplitMix
  ) throws -> ValueID {
    let shape = [channels, channels, 3, 3]
    let weight = graph.addConstant(
      "\(name).weight",
      try Tensor(WeightDraw.convolution(shape, &random).map { $0 * 0.4 }, shape: Shape(shape))
    )
    let numbers = (0..<channels).map { _ in
      Float(0.2 + 0.3 * random.fraction()) * (random.index(below: 2) == 0 ? 1 : -1)
    }
    let bias = graph.addConstant("\(name).bias", try Tensor(numbers, shape: [channels]))
    let op = Conv(kernelShape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1])
    let convolution = try graph.add(op, [x, weight, bias], name: "\(name)_conv")
    let activation: any Operator = random.index(below: 2) == 0 ? LeakyRelu(alpha: 0.1) : Tanh()
    let active = try graph.add(activation, convolution, name: "\(name)_act")
    return try graph.add(Add(), [x, active[0]], name: "\(name)_add")[0]
  }
}

extension TapBoard {
  /// How far the output is from the right one, with all faults in place.
  func outputError(_ input: Int) -> Float { error(of: output, input: input) }

  /// Whether a fault is plain at its node and at every node that depends on it, and nowhere else.
  func shows(_ fault: Fault, input: Int) -> Bool {
    let errors = Dictionary(errors(input: input).map { ($0.node, $0.error) }) { first, _ in first }
    var reached: Set<ValueID> = []
    for node in graph.nodes {
      let error = errors[node.name] ?? 0
      let isBelow = node.inputs.contains { $0.map(reached.contains) ?? false }
      if isBelow || node.name == fault.node {
        reached.formUnion(node.outputs)
        guard error > 3 * DivergenceTask.tolerance else { return false }
      } else {
        // Rounding must not look like a fault.
        guard error < DivergenceTask.tolerance / 2 else { return false }
      }
    }
    return true
  }
}
