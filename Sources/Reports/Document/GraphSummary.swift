public import Passes

/// A graph before and after the passes, and every edit between.
public struct GraphSummary: Sendable, Codable {
  /// Nodes by operator name before the passes.
  public var operatorsBefore: [String: Int]
  /// Nodes by operator name after the passes.
  public var operatorsAfter: [String: Int]
  /// Every edit, in order.
  public var patches: [PatchRecord]

  /// Creates a summary.
  public init(
    operatorsBefore: [String: Int],
    operatorsAfter: [String: Int],
    patches: [PatchRecord]
  ) {
    self.operatorsBefore = operatorsBefore
    self.operatorsAfter = operatorsAfter
    self.patches = patches
  }

  /// Nodes before the passes.
  public var countBefore: Int { operatorsBefore.values.reduce(0, +) }
  /// Nodes after the passes.
  public var countAfter: Int { operatorsAfter.values.reduce(0, +) }
}
