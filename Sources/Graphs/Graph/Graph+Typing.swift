import Diagnostics
import Tensors

extension Graph {
  /// The same network with inputs of the given types, and every type inferred anew.
  ///
  /// Binding a symbolic batch or size to a number makes every shape concrete; a shape
  /// computation then becomes foldable.
  /// - Parameter types: new types by input name; other inputs keep theirs.
  /// - Throws: what an operator's shape rule throws, located at the node.
  public func retyped(inputs types: [String: TensorType]) throws -> Graph {
    var graph = self
    for id in graph.inputs {
      if let type = types[graph[id].name] { graph.valueTable[id]?.type = type }
    }
    try graph.inferTypes()
    return graph
  }

  /// The same network with symbolic dimensions of its inputs bound to numbers.
  public func specialized(_ symbols: [String: Int]) throws -> Graph {
    var types: [String: TensorType] = [:]
    for id in inputs {
      var type = self[id].type
      type.dimensions = type.dimensions.map { dimension in
        guard case .symbol(let name) = dimension, let extent = symbols[name] else {
          return dimension
        }
        return .fixed(extent)
      }
      types[self[id].name] = type
    }
    return try retyped(inputs: types)
  }

  /// Infers the types of all node outputs again, in order.
  public mutating func inferTypes() throws {
    for node in nodes {
      do {
        let types = try node.op.checkedOutputTypes(for: node.inputs.map { $0.map(operand) })
        for (id, type) in zip(node.outputs, types) { valueTable[id]?.type = type }
      } catch {
        throw DeployError(
          .graphInvalidNode,
          "operator \(type(of: node.op).name) does not accept its operands",
          at: .node(node.name),
          remedy: "correct the model at this node or write it again from its source",
          cause: error
        )
      }
    }
  }

  /// Replaces the type of a value by what a file says of it, where the rule knows less.
  public mutating func refine(_ id: ValueID, to type: TensorType) {
    guard let value = valueTable[id], type.isCompatible(with: value.type) else { return }
    let merged = zip(value.type.dimensions, type.dimensions).map { known, stated in
      known == .unknown ? stated : known
    }
    valueTable[id]?.type = TensorType(type.scalarType, merged)
  }

  /// Infers the results of `nodes` again and follows every gain in knowledge downstream. A node
  /// whose rule refuses keeps its types; ``verify()`` reports it.
  /// - Returns: `nodes` and every node that reads a value which became better known.
  mutating func refineTypes(from nodes: [NodeID]) -> [NodeID] {
    var visited = nodes
    var next = 0
    while next < visited.count {
      defer { next += 1 }
      guard let node = nodeTable[visited[next]] else { continue }
      let operands = node.inputs.map { $0.map(operand) }
      guard let types = try? node.op.checkedOutputTypes(for: operands) else { continue }
      for (id, type) in zip(node.outputs, types) where sharpen(id, to: type) {
        visited += Set(readers[id] ?? [])
      }
    }
    return visited
  }

  /// - Returns: whether the value's type changed.
  private mutating func sharpen(_ id: ValueID, to type: TensorType) -> Bool {
    guard let known = valueTable[id]?.type, type.isCompatible(with: known) else { return false }
    let merged = zip(known.dimensions, type.dimensions).map { old, new in
      old.value != nil || new == .unknown ? old : new
    }
    // Only fixed extents count as a gain, so that this ends.
    let gained = zip(known.dimensions, merged).contains { $0.value == nil && $1.value != nil }
    guard gained else { return false }
    valueTable[id]?.type = TensorType(type.scalarType, merged)
    return true
  }
}
