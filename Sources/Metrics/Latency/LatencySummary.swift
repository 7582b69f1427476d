/// Latency over repeated runs, in milliseconds. Percentiles use the nearest-rank method.
public struct LatencySummary: Sendable, Hashable, Codable {
  /// The number of runs that were timed.
  public var runCount: Int
  /// The number of runs before them that were not.
  public var warmUpCount: Int
  /// Half of the runs took no longer, in milliseconds.
  public var p50: Double
  /// Nine of ten runs took no longer, in milliseconds.
  public var p90: Double
  /// 99 of 100 runs took no longer, in milliseconds.
  public var p99: Double
  /// The mean, in milliseconds.
  public var mean: Double
  /// The shortest, in milliseconds.
  public var minimum: Double
  /// The longest, in milliseconds.
  public var maximum: Double

  /// Summarises runs; nil where there is none.
  /// - Parameter durations: one per timed run, in any order.
  public init?(_ durations: [Duration], warmUpCount: Int = 0) {
    self.init(milliseconds: durations.map { $0 / .milliseconds(1) }, warmUpCount: warmUpCount)
  }

  /// Summarises runs; nil where there is none.
  public init?(milliseconds: [Double], warmUpCount: Int = 0) {
    let sorted = milliseconds.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    runCount = sorted.count
    self.warmUpCount = warmUpCount
    p50 = Self.percentile(50, of: sorted)
    p90 = Self.percentile(90, of: sorted)
    p99 = Self.percentile(99, of: sorted)
    mean = sorted.reduce(0, +) / Double(sorted.count)
    minimum = first
    maximum = last
  }

  /// The smallest element that at least `percent` per cent of all do not exceed.
  /// - Parameter sorted: rising, not empty.
  static func percentile(_ percent: Int, of sorted: [Double]) -> Double {
    // ⌈n · p / 100⌉ in whole numbers: no rounding error can pick the neighbour.
    let rank = (sorted.count * percent + 99) / 100
    return sorted[min(max(rank, 1), sorted.count) - 1]
  }

  /// The summary in one line, for people.
  ///
  ///     P50 12.3 ms, P90 13.0 ms, P99 15.2 ms (100 runs after 10 warm-up)
  public var words: String {
    let percentiles = [("P50", p50), ("P90", p90), ("P99", p99)]
      .map { "\($0) \(rounded($1, $1 < 1 ? 3 : 1)) ms" }.joined(separator: ", ")
    return "\(percentiles) (\(runCount) runs after \(warmUpCount) warm-up)"
  }
}
