public import Graphs

/// What one pass did.
public struct PassSummary: Sendable, Hashable, Codable {
  /// The pass.
  public var pass: String
  /// The number of nodes before it.
  public var nodeCountBefore: Int
  /// The number of nodes after it.
  public var nodeCountAfter: Int
  /// The number of patches that it applied.
  public var patchCount: Int
  /// The time that it took, the check of its result included, in milliseconds.
  public var milliseconds: Double
  /// Whether it was left out on request.
  public var isDisabled: Bool

  /// Creates a summary.
  public init(
    pass: String,
    nodeCountBefore: Int,
    nodeCountAfter: Int,
    patchCount: Int,
    milliseconds: Double,
    isDisabled: Bool = false
  ) {
    self.pass = pass
    self.nodeCountBefore = nodeCountBefore
    self.nodeCountAfter = nodeCountAfter
    self.patchCount = patchCount
    self.milliseconds = milliseconds
    self.isDisabled = isDisabled
  }
}

/// The rewritten graph and how it came about.
public struct PassOutcome: Sendable {
  /// The graph.
  public let graph: Graph
  /// Every patch, in order.
  public let records: [PatchRecord]
  /// Every pass, in order.
  public let passes: [PassSummary]
}
