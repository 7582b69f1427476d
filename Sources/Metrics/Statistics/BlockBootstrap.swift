import Glibc

/// The middle of a series whose neighbours resemble each other, with an interval for it.
///
/// The estimate is the mean without the lowest and the highest fifth, so that a burst of foreign
/// load on a few values moves it little. The interval comes from drawing runs of neighbouring
/// values instead of single ones, which keeps their resemblance; its ends are taken further out
/// than the plain percentiles because few such runs vary less than they should.
/// Where few values vary in bursts that is still too narrow, so the interval is never narrower than
/// that of a trimmed mean by its winsorised deviation.
/// Source: Politis and Romano, "A circular block-resampling procedure for stationary data", 1992;
/// Hesterberg, "What teachers should know about the bootstrap", 2015, §4.2 (expanded percentiles);
/// Tukey and McLaughlin, "Less vulnerable confidence and significance procedures", 1963.
public struct BlockBootstrap: Sendable {
  /// The share cut off each end before the mean is taken.
  static let trim = 0.2

  /// The probability that the interval is to hold.
  public var confidence: Double
  /// Where the random numbers begin.
  public var seed: UInt64

  /// An estimate with its interval.
  public struct Estimate: Sendable, Hashable {
    /// The trimmed mean.
    public let value: Double
    /// The lower end.
    public let lower: Double
    /// The upper end.
    public let upper: Double

    package init(value: Double, lower: Double, upper: Double) {
      (self.value, self.lower, self.upper) = (value, lower, upper)
    }
  }

  /// Creates a procedure.
  public init(confidence: Double = 0.95, seed: UInt64 = 1) {
    self.confidence = confidence
    self.seed = seed
  }

  /// How many neighbours are drawn together: the cube root of the number of values, rounded up.
  static func blockLength(_ count: Int) -> Int { max(1, Int(cbrt(Double(count)).rounded(.up))) }

  /// The estimate for a series in the order of measurement; nil below 4 values.
  public func estimate(_ values: [Double]) -> Estimate? {
    guard values.count >= 4, values.allSatisfy(\.isFinite) else { return nil }
    let length = Self.blockLength(values.count)
    let drawCount = min(max(2_000_000 / values.count, 1000), 2000)
    var random = SplitMix(seed: seed)
    var sample = [Double](repeating: 0, count: values.count)
    var means: [Double] = []
    means.reserveCapacity(drawCount)
    for _ in 0..<drawCount {
      var filled = 0
      while filled < sample.count {
        let start = random.index(below: values.count)
        for offset in 0..<min(length, sample.count - filled) {
          sample[filled + offset] = values[(start + offset) % values.count]
        }
        filled += length
      }
      means.append(Self.trimmedMean(&sample))
    }
    means.sort()
    var all = values
    let tail = expandedTail(independent: values.count / length)
    let index = Int((tail * Double(drawCount)).rounded(.down))
    let value = Self.trimmedMean(&all)
    let half = halfWidth(sorted: all)
    return Estimate(
      value: value,
      lower: min(means[min(index, drawCount / 2)], value - half),
      upper: max(means[drawCount - 1 - min(index, drawCount / 2)], value + half)
    )
  }

  /// Student's half width for the trimmed mean: the deviation of the values with each end pulled in
  /// to the last value kept, over (1 - 2 · trim) · √n.
  private func halfWidth(sorted values: [Double]) -> Double {
    let count = values.count
    let cut = Int((Self.trim * Double(count)).rounded(.down))
    let (low, high) = (values[cut], values[count - 1 - cut])
    let pulled = values.map { min(max($0, low), high) }
    let mean = pulled.reduce(0, +) / Double(count)
    let squares = pulled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(count - 1)).squareRoot()
    let kept = Double(count - 2 * cut) / Double(count)
    let freedom = max(count - 2 * cut - 1, 1)
    let quantile = StudentT.quantile(1 - (1 - confidence) / 2, degreesOfFreedom: freedom)
    return quantile * deviation / (kept * Double(count).squareRoot())
  }

  /// The share of draws beyond each end, so that the interval is as wide as Student's.
  private func expandedTail(independent count: Int) -> Double {
    let freedom = max(count - 1, 2)
    let quantile = StudentT.quantile(1 - (1 - confidence) / 2, degreesOfFreedom: freedom)
    let spread = quantile * sqrt(Double(freedom + 1) / Double(freedom))
    return erfc(spread / 2.0.squareRoot()) / 2
  }

  /// The mean of what lies between the lowest and the highest fifth. Sorts the values.
  static func trimmedMean(_ values: inout [Double]) -> Double {
    values.sort()
    let cut = Int((trim * Double(values.count)).rounded(.down))
    let kept = values[cut..<(values.count - cut)]
    return kept.reduce(0, +) / Double(kept.count)
  }
}
