/// How closely two results must agree: |a - b| <= absolute + relative * |b|.
public struct Tolerance: Sendable, Hashable, Codable {
  /// The part that does not grow with the value.
  public var absolute: Double
  /// The part that grows with the expected value.
  public var relative: Double

  /// Creates a tolerance.
  public init(absolute: Double, relative: Double) {
    self.absolute = absolute
    self.relative = relative
  }

  /// Bit for bit (zero of either sign apart).
  public static let exact = Tolerance(absolute: 0, relative: 0)
  /// Sums in another order, another exponential: single precision.
  public static let rounding = Tolerance(absolute: 1e-5, relative: 1e-4)
  /// Half precision.
  public static let half = Tolerance(absolute: 1e-2, relative: 1e-2)

  /// Whether `actual` is close enough to `expected`; NaN agrees with NaN, infinity with itself.
  public func accepts(_ actual: Double, _ expected: Double) -> Bool {
    if actual == expected || (actual.isNaN && expected.isNaN) { return true }
    return abs(actual - expected) <= absolute + relative * abs(expected)
  }
}
