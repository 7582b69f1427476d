/// How much longer one engine takes than another.
public struct FrameworkRatio: Sendable, Hashable, Codable {
  /// The engine that the other is measured against.
  public var baseline: String
  /// The engine that is judged.
  public var engine: String
  /// Its time divided by the baseline's; below 1 is faster.
  public var ratio: Double
  /// The lower end of the 95 % interval of the ratio.
  public var lower: Double
  /// The upper end.
  public var upper: Double
  /// The verdict in words: `openvino faster by 3.1 % [2.4, 3.8]`, `no difference shown`.
  public var verdict: String

  /// Creates a ratio.
  public init(
    baseline: String,
    engine: String,
    ratio: Double,
    lower: Double,
    upper: Double,
    verdict: String
  ) {
    self.baseline = baseline
    self.engine = engine
    self.ratio = ratio
    self.lower = lower
    self.upper = upper
    self.verdict = verdict
  }
}
