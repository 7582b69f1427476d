/// Every global that a pickle would have imported, and what became of it.
public struct PickleAudit: Sendable, Hashable, Codable {
  /// What was done with a global.
  public enum Treatment: String, Sendable, Hashable, Codable {
    /// Understood: it builds plain data.
    case data
    /// Kept as a named object without being called.
    case opaque
    /// Refused: it could run code.
    case refused
  }

  /// One global.
  public struct Entry: Sendable, Hashable, Codable {
    /// `module.name` as pickled.
    public let global: String
    /// How often the file asks for it.
    public let count: Int
    /// What was done with it.
    public let treatment: Treatment
    /// Creates an entry.
    public init(global: String, count: Int, treatment: Treatment) {
      self.global = global
      self.count = count
      self.treatment = treatment
    }
  }

  /// The pickle protocol.
  public let protocolVersion: Int
  /// The globals by name.
  public let entries: [Entry]
  /// Creates an audit.
  public init(protocolVersion: Int, entries: [Entry]) {
    self.protocolVersion = protocolVersion
    self.entries = entries
  }
}
