/// One thing that was checked.
public struct Check: Sendable, Codable {
  /// What was compared with what.
  public var name: String
  /// Whether it holds.
  public var passes: Bool
  /// What was measured, by name, in order.
  public var figures: [Figure]
  /// The verdict in words.
  public var verdict: String

  /// One measured number or word.
  public struct Figure: Sendable, Codable {
    /// What it is.
    public var name: String
    /// Its value, formatted.
    public var value: String
    /// What was required, if anything.
    public var limit: String?
    /// Creates a figure.
    public init(_ name: String, _ value: String, limit: String? = nil) {
      self.name = name
      self.value = value
      self.limit = limit
    }
  }

  /// Creates a check.
  public init(name: String, passes: Bool, figures: [Figure], verdict: String) {
    self.name = name
    self.passes = passes
    self.figures = figures
    self.verdict = verdict
  }
}
