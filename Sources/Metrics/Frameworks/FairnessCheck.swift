/// One thing that must be alike for a comparison to be fair.
public struct FairnessCheck: Sendable, Hashable, Codable {
  /// What must be alike, such as `same input bytes`.
  public var name: String
  /// Whether it is.
  public var passes: Bool
  /// What was found, by engine.
  public var figures: [String: String]
  /// The finding in words.
  public var verdict: String

  /// Creates a check.
  public init(name: String, passes: Bool, figures: [String: String], verdict: String) {
    self.name = name
    self.passes = passes
    self.figures = figures
    self.verdict = verdict
  }
}
