public import Tensors

/// An atomic edit: what to add, which values it replaces, which nodes go, and why.
public struct Patch: Sendable {
  /// A value of the graph, or one that this patch adds.
  public enum Value: Sendable, Hashable {
    case existing(ValueID)
    case new(step: Int, output: Int)
  }

  enum Step: Sendable {
    case constant(name: String, Tensor)
    case node(name: String, any Operator, [Value?], Provenance)
  }

  /// What the edit does and why it is right, for the record.
  public let reason: String
  private(set) var steps: [Step] = []
  private(set) var replacements: [(old: ValueID, new: Value)] = []
  private(set) var removals: Set<NodeID> = []

  /// Creates an edit that does nothing yet.
  public init(_ reason: String) { self.reason = reason }

  /// Adds a constant.
  public mutating func constant(_ name: String, _ tensor: Tensor) -> Value {
    steps.append(.constant(name: name, tensor))
    return .new(step: steps.count - 1, output: 0)
  }

  /// Adds a node that stands for `nodes`, whose provenance it takes over.
  /// - Returns: its first output; see ``output(_:of:)`` for the others.
  public mutating func node(
    _ op: any Operator,
    _ inputs: [Value?],
    name: String,
    standingFor nodes: [Node]
  ) -> Value {
    let provenance = Provenance(merging: nodes.map(\.provenance))
    steps.append(.node(name: name, op, inputs, provenance))
    return .new(step: steps.count - 1, output: 0)
  }

  /// Another output of a node that this patch adds.
  public func output(_ index: Int, of value: Value) -> Value {
    guard case .new(let step, _) = value else { return value }
    return .new(step: step, output: index)
  }

  /// Makes every reader of `old` read `new`; graph outputs keep their name.
  public mutating func replace(_ old: ValueID, with new: Value) { replacements.append((old, new)) }

  /// Removes a node. Whatever still reads its outputs must be replaced by the same patch.
  public mutating func remove(_ node: Node) { removals.insert(node.id) }
}
