import Diagnostics

extension Graph {
  /// The nodes at these places as a network of their own: what they read from others becomes its
  /// inputs, what others read from them (or the graph returns) its outputs.
  /// - Throws: what adding a node throws.
  public func part(_ range: Range<Int>) throws -> Graph {
    precondition(range.lowerBound >= 0 && range.upperBound <= nodeCount)
    let inside = Array(nodes[range])
    let written = Set(inside.flatMap(\.outputs))
    var result = Graph(name: name)
    var copies: [ValueID: ValueID] = [:]
    for id in inputs where inside.contains(where: { $0.inputs.contains(id) }) {
      copies[id] = result.addInput(self[id].name, self[id].type)
    }
    for id in inside.flatMap(\.inputs).compactMap({ $0 }) where copies[id] == nil {
      let value = self[id]
      if let constant = value.constant {
        copies[id] = result.addConstant(value.name, constant)
      } else if !written.contains(id) {
        copies[id] = result.addInput(value.name, value.type)
      }
    }
    for node in inside {
      let outputs = try result.add(
        node.op,
        node.inputs.map { $0.flatMap { copies[$0] } },
        name: node.name,
        outputNames: node.outputs.map { self[$0].name },
        provenance: node.provenance
      )
      for (old, new) in zip(node.outputs, outputs) { copies[old] = new }
    }
    let insiders = Set(inside.map(\.id))
    for id in inside.flatMap(\.outputs) {
      let isReadOutside = consumers(of: id).contains { !insiders.contains($0.id) }
      guard isReadOutside || self.outputs.contains(id), let copy = copies[id] else { continue }
      result.markOutput(copy)
    }
    return result
  }
}
