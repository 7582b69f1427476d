/// What one patch did: the entry of the log that reports and lessons show.
public struct PatchRecord: Sendable, Hashable, Codable {
  /// Counts from 1 through all passes of a run; the patch limit counts the same.
  public var number: Int
  /// The pass.
  public var pass: String
  /// The rule of the pass.
  public var rule: String
  /// What was done and why it is right.
  public var reason: String
  /// The names of the nodes that went, in graph order.
  public var removedNodes: [String]
  /// The names of the nodes that came, in graph order.
  public var addedNodes: [String]
  /// The module paths in the checkpoint that the touched nodes stand for.
  public var modules: [String]
  /// The removed nodes as text, one line each.
  public var before: [String]
  /// The added nodes as text, one line each.
  public var after: [String]

  /// Creates a record.
  public init(
    number: Int,
    pass: String,
    rule: String,
    reason: String,
    removedNodes: [String] = [],
    addedNodes: [String] = [],
    modules: [String] = [],
    before: [String] = [],
    after: [String] = []
  ) {
    self.number = number
    self.pass = pass
    self.rule = rule
    self.reason = reason
    self.removedNodes = removedNodes
    self.addedNodes = addedNodes
    self.modules = modules
    self.before = before
    self.after = after
  }
}
