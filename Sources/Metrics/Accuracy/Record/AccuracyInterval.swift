/// A confidence interval by the percentile bootstrap over pictures.
/// Source: B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
public struct AccuracyInterval: Sendable, Hashable, Codable {
  /// The lower end.
  public var lower: Double
  /// The upper end.
  public var upper: Double
  /// The share of intervals made this way that hold the true value, such as 0.95.
  public var level: Double
  /// How many resamples of the pictures it was made from.
  public var resampleCount: Int

  /// Creates an interval.
  public init(lower: Double, upper: Double, level: Double, resampleCount: Int) {
    self.lower = lower
    self.upper = upper
    self.level = level
    self.resampleCount = resampleCount
  }
}
