/// The untimed runs before the timed ones.
public struct WarmUp: Sendable, Hashable, Codable {
  /// How many there were.
  public var runCount: Int
  /// How long they took, in seconds.
  public var seconds: Double
  /// Whether the latency had settled when they ended; otherwise time ran out.
  public var isStable: Bool
  /// The rule by which that was judged.
  public var rule: String
  /// Creates the account of a warm-up.
  public init(runCount: Int, seconds: Double, isStable: Bool, rule: String) {
    self.runCount = runCount
    self.seconds = seconds
    self.isStable = isStable
    self.rule = rule
  }
}
