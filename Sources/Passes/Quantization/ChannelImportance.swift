public import Graphs
import Tensors

/// How much an error in a channel of a value counts: the sum of the squares of the weights that it meets.
///
///     e = Σ w · d,  the d independent   ⇒   mean(e²) = Σ w² · mean(d²)
///
/// where d are the errors of a convolution's operands and e that of its result. Concat, MaxPool, Resize
/// and Add hand on what their results count. So a channel of large numbers that meets small weights does
/// not decide how fine all others are.
public enum ChannelImportance {
  /// The importance of each channel of the values that convolutions read, directly or not, by name.
  /// - Throws: what reading weights throws.
  public static func all(_ graph: Graph) throws -> [String: [Float]] {
    var found: [ValueID: [Double]] = [:]
    for node in graph.nodes.reversed() {
      if let op = node.op as? Conv {
        try add(op, node, graph, &found)
      } else if let output = node.outputs.first, let importance = found[output] {
        handOn(importance, node, graph, &found)
      }
    }
    var result: [String: [Float]] = [:]
    for (value, importance) in found { result[graph[value].name] = importance.map { Float($0) } }
    return result
  }

  private static func add(
    _ op: Conv,
    _ node: Node,
    _ graph: Graph,
    _ found: inout [ValueID: [Double]]
  ) throws {
    guard let value = node.inputs[0], let weights = node.inputs[1].flatMap({ graph[$0].constant }),
      weights.scalarType == .float32, weights.shape.rank > 2, weights.shape[0] > 0
    else { return }
    let (outputs, depth) = (weights.shape[0], weights.shape[1])
    let channels = depth * op.groups
    let taps = weights.shape.count / max(1, outputs * depth)
    var sums = found[value] ?? [Double](repeating: 0, count: channels)
    guard sums.count == channels, outputs % op.groups == 0 else { return }
    let numbers = try weights.floats()
    for output in 0..<outputs {
      let first = output / (outputs / op.groups) * depth
      for channel in 0..<depth {
        let start = (output * depth + channel) * taps
        sums[first + channel] += numbers[start..<start + taps].reduce(0.0) {
          $0 + Double($1) * Double($1)
        }
      }
    }
    found[value] = sums
  }

  /// What a result counts, its operands count.
  private static func handOn(
    _ importance: [Double],
    _ node: Node,
    _ graph: Graph,
    _ found: inout [ValueID: [Double]]
  ) {
    func add(_ part: [Double], to value: ValueID) {
      let known = found[value] ?? [Double](repeating: 0, count: part.count)
      guard known.count == part.count else { return }
      found[value] = zip(known, part).map(+)
    }
    func channels(_ value: ValueID) -> Int? {
      guard let shape = graph[value].type.shape, shape.rank == 4 else { return nil }
      return shape[1]
    }
    let operands = node.inputs.compactMap { $0 }
    switch node.op {
    case let op as Concat where op.axis == 1:
      var first = 0
      for operand in operands {
        guard let count = channels(operand), first + count <= importance.count else { return }
        add(Array(importance[first..<first + count]), to: operand)
        first += count
      }
    case is MaxPool, is Resize:
      if let operand = operands.first { add(importance, to: operand) }
    case is Add:
      for operand in operands where channels(operand) == importance.count {
        add(importance, to: operand)
      }
    default: break
    }
  }
}
