public import Graphs
import Tensors

extension LayerProfile {
  /// The profile with what each layer stands for in a graph, what that costs, and where it stands
  /// below the roof (where ``peaks`` are known).
  ///
  /// Costs follow from the definitions of the operators, not from what the engine really did:
  /// traffic counts every value that enters or leaves a layer once, and none that stays inside;
  /// views of the same bytes (Reshape and its like) count none.
  /// - Parameter sources: what names the source of each layer beside its name, in layer order.
  public func attributed(to graph: Graph, sources: [String] = []) -> LayerProfile {
    let attribution = LayerAttribution(graph, layers: layers.map(\.name), sources: sources)
    let order = Dictionary(
      uniqueKeysWithValues: graph.nodes.enumerated().map { ($1.id, $0) }
    )
    var result = self
    for index in result.layers.indices {
      let nodes = attribution.nodes[index].compactMap { graph[$0] }
        .sorted { (order[$0.id] ?? 0) < (order[$1.id] ?? 0) }
      result.layers[index].modules = attribution.provenances[index].modules
      result.layers[index].attribute(nodes, in: graph)
      result.layers[index].place(below: peaks)
    }
    return result
  }
}

extension LayerMeasurement {
  fileprivate mutating func attribute(_ group: [Node], in graph: Graph) {
    nodes = group.map(\.name)
    guard !group.isEmpty else { return }
    operators = group.reduce(into: []) { names, node in
      let name = type(of: node.op).name
      if !names.contains(name) { names.append(name) }
    }
    operations = group.reduce(0) { sum, node in
      let (double, overflow) = graph.cost(of: node).multiplyAdds.multipliedReportingOverflow(by: 2)
      return Self.sum(sum, overflow ? .max : double)
    }
    guard !operators.allSatisfy(Self.views.contains) else {
      (bytesRead, bytesWritten) = (0, 0)
      return
    }
    let members = Set(group.map(\.id))
    let written = group.flatMap(\.outputs)
    let inside = Set(written)
    let read = Set(group.flatMap { $0.inputs.compactMap { $0 } }).subtracting(inside)
    bytesRead = Self.bytes(Array(read), graph)
    bytesWritten = Self.bytes(
      written.filter { value in
        graph.outputs.contains(value)
          || graph.consumers(of: value).contains { !members.contains($0.id) }
      },
      graph
    )
    if precision.isEmpty { precision = Self.precision(group, graph) }
  }

  /// Operators whose definition moves nothing: time spent on them is overhead.
  private static let views: Set<String> = [
    "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout",
  ]

  /// Sets ``roofline`` from time, cost and peaks.
  package mutating func place(below peaks: MachinePeaks?) {
    guard let peaks, let operations, let bytes, let milliseconds else { return }
    roofline = RooflinePoint(
      operations: operations,
      bytes: bytes,
      milliseconds: milliseconds,
      precision: precision,
      peaks: peaks
    )
  }

  /// The element type of the first operand of the node that computes most.
  private static func precision(_ group: [Node], _ graph: Graph) -> String {
    let heaviest = group.max { graph.cost(of: $0).multiplyAdds < graph.cost(of: $1).multiplyAdds }
    let operand = heaviest?.inputs.first.flatMap { $0 }
    return operand.map { graph[$0].type.scalarType.rawValue } ?? ""
  }

  private static func bytes(_ values: [ValueID], _ graph: Graph) -> Int64 {
    values.reduce(0) { sum($0, Int64(graph[$1].type.byteCount ?? 0)) }
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}
