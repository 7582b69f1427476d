/// The part of a value's range that bytes are to stand for.
public struct QuantizationRange: Sendable, Hashable, Codable {
  /// The least number that is not clipped.
  public var lower: Float
  /// The greatest number that is not clipped.
  public var upper: Float
  /// Creates a range.
  public init(lower: Float, upper: Float) {
    self.lower = lower
    self.upper = upper
  }

  /// Both ranges.
  public func union(_ other: QuantizationRange) -> QuantizationRange {
    QuantizationRange(lower: min(lower, other.lower), upper: max(upper, other.upper))
  }
}

/// How numbers become bytes. One file cannot be the best for every engine.
public enum QuantizationScheme: String, Sendable, Hashable, Codable, CaseIterable {
  /// Signed bytes with zero in the middle: what TensorRT takes, and every other engine too.
  case symmetric
  /// Unsigned bytes with zero where the range wants it: nearly twice as fine for activations that
  /// are hardly ever negative. TensorRT does not take them.
  case asymmetric
}

extension QuantizationScheme {
  /// The scale and zero of a range. Zero itself is always represented exactly.
  ///
  ///     symmetric:   scale = max(|lower|, |upper|) / 127,  zero = 0
  ///     asymmetric:  scale = (upper - lower) / 255,        zero = round(-lower / scale)
  public func parameters(_ range: QuantizationRange) -> (scale: Float, zero: Int) {
    let (lower, upper) = (min(range.lower, 0), max(range.upper, 0))
    switch self {
    case .symmetric:
      let scale = max(-lower, upper) / 127
      return (scale > .leastNormalMagnitude ? scale : 1, 0)
    case .asymmetric:
      let scale = (upper - lower) / 255
      guard scale > .leastNormalMagnitude else { return (1, 0) }
      let zero = (-lower / scale).rounded(.toNearestOrEven)
      return (scale, Int(min(max(zero, 0), 255)))
    }
  }
}
