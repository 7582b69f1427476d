/// What one patch did to a graph, for whoever must look at the neighbourhood again.
public struct GraphChange: Sendable {
  /// The nodes that are gone, as they were.
  public var removed: [Node] = []
  /// The nodes that are new, in order.
  public var added: [NodeID] = []
  /// The nodes that now read another value, or whose results are better known.
  public var rewired: [NodeID] = []
}

/// The additions of a patch that is not decided yet.
struct PatchAdditions {
  /// The values that each step wrote.
  var results: [[ValueID]] = []
  var nodes: [NodeID] = []
  var constants: [ValueID] = []
  /// The names that the patch asked for; a taken one becomes free when its owner goes.
  var wishes: [(value: ValueID, name: String)] = []
  /// The same for the nodes.
  var nodeWishes: [(node: NodeID, name: String)] = []
}

/// A patch against one graph: what is where, and whether the order must be made anew.
struct PatchPlan {
  /// Each replaced value and what finally stands for it.
  var redirects: [(old: ValueID, new: ValueID)] = []
  /// The positions of the removed nodes, rising.
  var removed: [Int] = []
  var insertionPoint = 0
  var needsSorting = false
}
