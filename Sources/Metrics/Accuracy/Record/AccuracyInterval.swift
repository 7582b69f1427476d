/// A confidence interval by the basic bootstrap over pictures.
/// Source: A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application (1997), 5.2.1.
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

  /// The interval that draws of a share give: from twice the share less their upper quantile to
  /// twice the share less the lower, inside what is possible. Nil without draws.
  init?(
    around share: Double,
    draws: [Double],
    level: Double,
    bounds: ClosedRange<Double> = 0...1
  ) {
    let sorted = draws.sorted()
    guard !sorted.isEmpty else { return nil }
    let cut = Int(((1 - level) / 2 * Double(sorted.count)).rounded(.down))
    self.init(
      lower: max(bounds.lowerBound, 2 * share - sorted[sorted.count - 1 - cut]),
      upper: min(bounds.upperBound, 2 * share - sorted[cut]),
      level: level,
      resampleCount: sorted.count
    )
  }
}
