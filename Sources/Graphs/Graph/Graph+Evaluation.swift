public import Diagnostics
public import Tensors

extension Graph {
  /// Computes the network by its operators' definitions: the reference result.
  ///
  /// A value is freed after its last use.
  /// - Parameters:
  ///   - inputs: one tensor per graph input, by name.
  ///   - tap: called with every value that a node writes, as it is written.
  /// - Returns: the outputs by name.
  /// - Throws: `graph.invalid-input` where an input is missing, unknown or of the wrong type; what
  ///   an operator throws, located at the node.
  public func evaluate(
    inputs tensors: [String: Tensor],
    tap: (Value, Tensor) throws -> Void = { _, _ in }
  ) throws -> [String: Tensor] {
    var values = try bound(tensors)
    let nodes = nodes
    let lastUses = lastUses(in: nodes)
    for (index, node) in nodes.enumerated() {
      let operands = try node.inputs.map { id in try id.map { try tensor($0, in: values) } }
      let results = try evaluate(node, operands)
      for (id, result) in zip(node.outputs, results) {
        try tap(self[id], result)
        if lastUses[id] != nil { values[id] = result }
      }
      for id in node.inputs.compactMap({ $0 }) where lastUses[id] == index { values[id] = nil }
    }
    var results: [String: Tensor] = [:]
    for id in outputs { results[self[id].name] = try tensor(id, in: values) }
    return results
  }

  /// The results of one node.
  private func evaluate(_ node: Node, _ operands: [Tensor?]) throws -> [Tensor] {
    do { return try node.op.evaluate(operands) } catch {
      throw DeployError(
        .graphInvalidNode,
        "operator \(type(of: node.op).name) cannot be evaluated",
        at: .node(node.name),
        cause: error
      )
    }
  }

  /// The graph inputs' tensors by value.
  private func bound(_ tensors: [String: Tensor]) throws -> [ValueID: Tensor] {
    var values: [ValueID: Tensor] = [:]
    for id in inputs {
      let value = self[id]
      guard let tensor = tensors[value.name] else {
        throw DeployError(
          .graphInvalidInput,
          "input '\(value.name)' of type \(value.type) is missing",
          at: .value(value.name)
        )
      }
      let type = TensorType(tensor.scalarType, tensor.shape)
      guard type.isCompatible(with: value.type) else {
        throw DeployError(
          .graphInvalidInput,
          "input '\(value.name)' is \(value.type), not \(type)",
          at: .value(value.name)
        )
      }
      values[id] = tensor
    }
    let names = Set(inputs.map { self[$0].name })
    if let stranger = tensors.keys.sorted().first(where: { !names.contains($0) }) {
      throw DeployError(
        .graphInvalidInput,
        "the network has no input '\(stranger)'",
        remedy: "name one of \(names.sorted().joined(separator: ", "))"
      )
    }
    return values
  }

  private func tensor(_ id: ValueID, in values: [ValueID: Tensor]) throws -> Tensor {
    guard let tensor = values[id] ?? self[id].constant else {
      throw DeployError(
        .graphDangling,
        "value '\(self[id].name)' is read but never written",
        at: .value(self[id].name)
      )
    }
    return tensor
  }

  /// The index of the last node that reads a value; outputs are kept to the end.
  private func lastUses(in nodes: [Node]) -> [ValueID: Int] {
    var result: [ValueID: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for id in node.inputs.compactMap({ $0 }) { result[id] = index }
    }
    for id in outputs { result[id] = .max }
    return result
  }
}

extension Diagnostic.ID {
  /// A graph input that is missing, unknown or of the wrong type.
  public static let graphInvalidInput: Self = "graph.invalid-input"
}
