public import Diagnostics

extension Graph {
  /// Checks what every graph promises: each value is written once and before it is read, names
  /// are unique, outputs exist, and each type agrees with its operator's shape rule.
  /// - Throws: `graph.dangling-value`, `graph.cycle`, `graph.type-changed`,
  ///   `graph.invalid-node`, `graph.duplicate-name`.
  public func verify() throws {
    try verifyNames()
    var written = Set(inputs)
    for node in nodes {
      for input in node.inputs.compactMap({ $0 }) where !written.contains(input) {
        guard contains(input) else {
          throw DeployError(
            .graphDangling,
            "operand \(input.rawValue) does not exist",
            at: .node(node.name)
          )
        }
        guard self[input].constant != nil else {
          throw DeployError(
            .graphCycle,
            "reads '\(self[input].name)' before it is written",
            at: .node(node.name)
          )
        }
      }
      try verifyTypes(node)
      written.formUnion(node.outputs)
    }
    for output in outputs where !written.contains(output) && valueTable[output]?.constant == nil {
      throw DeployError(.graphDangling, "output \(output.rawValue) is never written")
    }
  }

  private func verifyNames() throws {
    var seen: Set<String> = []
    for value in valueTable.values where !seen.insert(value.name).inserted {
      throw DeployError(.graphDuplicateName, "two values have one name", at: .value(value.name))
    }
  }

  private func verifyTypes(_ node: Node) throws {
    let types: [TensorType]
    do { types = try node.op.checkedOutputTypes(for: node.inputs.map { $0.map(operand) }) } catch {
      throw DeployError(
        .graphInvalidNode,
        "operator \(type(of: node.op).name) does not accept its operands",
        at: .node(node.name),
        cause: error
      )
    }
    for (id, type) in zip(node.outputs, types) where !self[id].type.isCompatible(with: type) {
      throw DeployError(
        .graphTypeChanged,
        "'\(self[id].name)' is said to be \(self[id].type), but its operator gives \(type)",
        at: .node(node.name)
      )
    }
  }
}

extension Diagnostic.ID {
  /// Two values of one name.
  public static let graphDuplicateName: Self = "graph.duplicate-name"
}
