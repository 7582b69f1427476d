/// One stage of the run.
public struct Stage: Sendable, Codable {
  /// The stage's verb, such as `export`.
  public var name: String
  /// The time that it took.
  public var milliseconds: Double
  /// Its result in one line.
  public var summary: String
  /// Creates a stage.
  public init(name: String, milliseconds: Double, summary: String) {
    self.name = name
    self.milliseconds = milliseconds
    self.summary = summary
  }
}
