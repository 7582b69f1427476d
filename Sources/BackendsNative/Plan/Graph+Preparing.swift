import Graphs
import Tensors

extension Graph {
  /// The same network as the native engine takes it: every half-precision value computed in single
  /// precision, inputs and outputs with their types; and every node's provenance naming the node
  /// itself, so that layers tell which nodes of this graph they stand for.
  func prepared() throws -> Graph {
    var graph = Graph(name: name)
    graph.contract = contract
    graph.metadata = metadata
    var copies: [ValueID: ValueID] = [:]
    for id in inputs {
      let value = self[id]
      let input = graph.addInput(value.name, value.type)
      copies[id] =
        value.type.scalarType == .float16
        ? try graph.add(Cast(to: .float32), [input], name: value.name + ".float32")[0] : input
    }
    for node in nodes {
      let results = try graph.add(
        (node.op as? Cast)?.target == .float16 ? Cast(to: .float32) : node.op,
        node.inputs.map { try $0.flatMap { try copy($0, into: &graph, &copies) } },
        name: node.name,
        outputNames: node.outputs.map { self[$0].name },
        provenance: Provenance(modules: node.provenance.modules, nodes: [node.name])
      )
      for (old, new) in zip(node.outputs, results) {
        copies[old] = new
        graph.refine(new, to: self[old].type)
      }
    }
    for id in outputs {
      guard let result = try copy(id, into: &graph, &copies) else { continue }
      let value = self[id]
      guard value.type.scalarType == .float16, graph[result].type.scalarType == .float32 else {
        graph.markOutput(result, named: value.name)
        continue
      }
      graph.rename(result, to: value.name + ".float32")
      let narrow = try graph.add(Cast(to: .float16), [result], name: value.name)
      graph.markOutput(narrow[0], named: value.name)
    }
    return graph
  }

  private func copy(
    _ id: ValueID,
    into graph: inout Graph,
    _ copies: inout [ValueID: ValueID]
  ) throws -> ValueID? {
    if let known = copies[id] { return known }
    guard let constant = self[id].constant else { return nil }
    let isHalf = constant.scalarType == .float16
    let wide = isHalf ? try constant.converted(to: .float32) : try constant.materialized()
    let made = graph.addConstant(self[id].name, wide)
    copies[id] = made
    return made
  }
}
