import Tensors

extension Graph {
  /// The same network with every deferred constant computed once and kept in memory, for whoever
  /// reads the constants again and again.
  /// - Throws: what computing a constant throws.
  public func materialized() throws -> Graph {
    var graph = self
    for value in constants {
      guard let constant = value.constant else { continue }
      graph.valueTable[value.id] = Value(
        id: value.id,
        name: value.name,
        type: value.type,
        constant: try constant.materialized()
      )
    }
    return graph
  }
}
