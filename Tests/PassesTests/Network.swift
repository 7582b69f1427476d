import Diagnostics
import Graphs
import Tensors

/// Builds small graphs with little ceremony.
struct Network {
  var graph: Graph
  private var count = 0

  init(_ name: String = "test") { graph = Graph(name: name) }

  mutating func input(_ name: String, _ dimensions: [Dimension], _ type: ScalarType = .float32)
    -> ValueID
  {
    graph.addInput(name, TensorType(type, dimensions))
  }

  mutating func constant(_ name: String, _ values: [Float], _ shape: Shape) throws -> ValueID {
    graph.addConstant(name, try Tensor(values, shape: shape))
  }

  mutating func constant(_ name: String, _ values: [Int64]) throws -> ValueID {
    graph.addConstant(name, try Tensor(values, shape: [values.count]))
  }

  mutating func add(_ op: any Operator, _ inputs: ValueID?..., named name: String? = nil) throws
    -> ValueID
  {
    count += 1
    let name = name ?? "n\(count)"
    let provenance = Provenance(modules: ["model.\(name)"], nodes: [name])
    return try graph.add(op, inputs, name: name, provenance: provenance)[0]
  }

  /// A convolution with weights that count upwards.
  mutating func convolution(
    _ x: ValueID,
    _ channels: Int,
    to filters: Int,
    groups: Int = 1,
    bias: Bool = true,
    named name: String
  ) throws -> ValueID {
    let shape: Shape = [filters, channels / groups, 3, 3]
    let values = (0..<shape.count).map { Float(($0 * 7) % 11) / 11 - 0.4 }
    let weight = try constant(name + ".weight", values, shape)
    let shift =
      try bias
      ? constant(name + ".bias", (0..<filters).map { Float($0) / 5 - 0.3 }, [filters]) : nil
    return try add(
      Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1], groups: groups),
      x,
      weight,
      shift,
      named: name
    )
  }

  mutating func normalization(_ x: ValueID, _ channels: Int, named name: String) throws
    -> ValueID
  {
    let list = { (scale: Float, offset: Float) in
      (0..<channels).map { Float($0) * scale + offset }
    }
    return try add(
      BatchNormalization(epsilon: 1e-3),
      x,
      constant(name + ".weight", list(0.25, 0.5), [channels]),
      constant(name + ".bias", list(-0.1, 0.2), [channels]),
      constant(name + ".running_mean", list(0.3, -0.4), [channels]),
      constant(name + ".running_var", list(0.7, 0.01), [channels]),
      named: name
    )
  }
}

extension Graph {
  /// The outputs, by evaluating node after node.
  func evaluated(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
    var values: [ValueID: Tensor] = [:]
    for id in self.inputs { values[id] = inputs[self[id].name] }
    for node in nodes {
      let operands = node.inputs.map { id in id.flatMap { values[$0] ?? self[$0].constant } }
      for (id, result) in zip(node.outputs, try node.op.evaluate(operands)) { values[id] = result }
    }
    var results: [String: Tensor] = [:]
    for id in outputs { results[self[id].name] = values[id] ?? self[id].constant }
    return results
  }

  var operatorNames: [String] { nodes.map { type(of: $0.op).name } }
  func node(_ name: String) -> Node? { nodes.first { $0.name == name } }
}

/// Whether two sets of outputs agree, as text for a failed expectation; nil where they do.
func difference(
  _ actual: [String: Tensor],
  _ expected: [String: Tensor],
  _ tolerance: Tolerance = .rounding
) throws -> String? {
  guard actual.keys.sorted() == expected.keys.sorted() else {
    return "\(actual.keys.sorted()) instead of \(expected.keys.sorted())"
  }
  for (name, tensor) in expected {
    guard let other = actual[name], other.shape == tensor.shape else { return "\(name): shape" }
    let pairs = zip(
      try other.converted(to: .float64).scalars(of: Double.self),
      try tensor.converted(to: .float64).scalars(of: Double.self)
    )
    for (index, (a, b)) in pairs.enumerated() where !tolerance.accepts(a, b) {
      return "\(name)[\(index)]: \(a) instead of \(b)"
    }
  }
  return nil
}

/// A tensor of repeatable numbers in -2...2.
func numbers(_ shape: Shape, seed: Int = 0) throws -> Tensor {
  let values = (0..<shape.count).map { Float(($0 &* 37 &+ seed &* 101) % 97) / 24 - 2 }
  return try Tensor(values, shape: shape)
}
