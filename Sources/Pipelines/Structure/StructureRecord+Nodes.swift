import Graphs
import Metrics
import Reports
import Tensors

extension StructureRecord.Node {
  /// A node of a graph, with its cost where the shapes are known.
  init(_ node: Node, in graph: Graph) {
    self.init(
      name: node.name,
      operatorName: type(of: node.op).name,
      modules: node.provenance.modules
    )
    let attributes = node.op.attributes.sorted { $0.key < $1.key }
      .map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    self.attributes = attributes.isEmpty ? nil : String(attributes.prefix(400))
    guard let output = node.outputs.first else { return }
    let type = graph[output].type
    self.output = "\(type)"
    precision = type.scalarType.rawValue
    guard type.shape != nil else { return }
    let cost = graph.cost(of: node)
    operations = 2 * Double(cost.multiplyAdds)
    byteCount = Double(cost.bytesRead) + Double(cost.bytesWritten)
    weightByteCount = Self.weightBytes(node, in: graph)
  }

  /// A layer of a plan.
  init(_ layer: LayerMeasurement) {
    self.init(
      name: layer.name,
      operatorName: layer.tactic.isEmpty ? layer.operators.joined(separator: " + ") : layer.tactic,
      modules: layer.modules
    )
    precision = layer.precision.isEmpty ? nil : layer.precision
    milliseconds = layer.milliseconds
    operations = layer.operations.map(Double.init)
    byteCount = layer.bytes.map(Double.init)
    attributes = layer.bound.map { "\($0.rawValue)" }
  }

  /// The bytes of a node's constants.
  static func weightBytes(_ node: Node, in graph: Graph) -> Double {
    node.inputs.reduce(0) { total, id in
      guard let id, graph[id].constant != nil else { return total }
      return total + Double(graph[id].type.byteCount ?? 0)
    }
  }
}
