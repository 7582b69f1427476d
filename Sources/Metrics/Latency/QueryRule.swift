import Glibc

/// How many queries were run, against how many it takes to state the scenario's percentile.
public struct QueryRule: Sendable, Hashable, Codable {
  /// The queries run (offline: the pictures).
  public var queryCount: Int
  /// The seconds that they took.
  public var seconds: Double
  /// The fewest queries of a full MLPerf run.
  public var fullQueryCount: Int
  /// The fewest queries from which MLPerf's early stopping estimates the percentile; 0 for offline.
  public var earlyStoppingCount: Int
  /// A latency in milliseconds that the percentile exceeds with a probability of at most 1 %; nil
  /// where there are too few queries.
  public var percentileBound: Double?
  /// The highest of the percentiles 50, 90 and 99 that so many queries allow to be stated; nil
  /// where not even the middle is.
  public var statablePercentile: Int?
  /// What follows, in a sentence.
  public var words: String

  /// Counts the queries of a run.
  /// - Parameters:
  ///   - milliseconds: one per query, in any order; empty for offline.
  ///   - pictureCount: the pictures of all queries.
  public init(
    _ scenario: BenchmarkScenario,
    milliseconds: [Double],
    pictureCount: Int,
    seconds: Double
  ) {
    queryCount = scenario == .offline ? pictureCount : milliseconds.count
    self.seconds = seconds
    fullQueryCount = scenario.fullQueryCount
    earlyStoppingCount = scenario.percentile.map { Self.fewestQueries(percentile: $0) } ?? 0
    percentileBound = scenario.percentile.flatMap { Self.bound(milliseconds, percentile: $0) }
    let count = milliseconds.count
    statablePercentile = [99, 90, 50].first { count >= Self.fewestQueries(percentile: $0) }
    words = ""
    words = sentence(scenario)
  }

  /// Whether the run is as long as MLPerf wants it, by queries and by time.
  public var isFull: Bool {
    queryCount >= fullQueryCount && seconds >= BenchmarkScenario.fullDuration
  }

  private func sentence(_ scenario: BenchmarkScenario) -> String {
    let unit = scenario == .offline ? "pictures" : "queries"
    let head = "\(queryCount) \(unit) in \(rounded(seconds, 0)) s"
    let full = "\(fullQueryCount) and \(rounded(BenchmarkScenario.fullDuration, 0)) s"
    if isFull { return "\(head): a full run by MLPerf's counts (\(full))" }
    let short = "\(head), short of MLPerf's \(full)"
    guard let percentile = scenario.percentile else { return "\(short): a first look" }
    guard let percentileBound else {
      let most = statablePercentile.map { "; P\($0) can be" } ?? ""
      return "\(short): too few to state P\(percentile), which takes \(earlyStoppingCount)\(most)"
    }
    return "\(short); P\(percentile) is at most \(rounded(percentileBound, 2)) ms "
      + "(99 % sure, early stopping)"
  }

  /// The fewest queries whose slowest bounds the percentile with 99 % confidence: 64 for P90, 662
  /// for P99.
  static func fewestQueries(percentile: Int) -> Int {
    var count = 1
    while tail(count, overCount: 1, percentile) > 0.01 { count += 1 }
    return count
  }

  /// The `t`-th slowest of `n` with the largest `t` for which fewer than `t + 1` of `n` queries
  /// are over the percentile with a probability of at most 1 %.
  /// Source: MLPerf LoadGen, "early stopping" (loadgen/early_stopping.cc): confidence 0.99,
  /// tolerance 0.
  static func bound(_ milliseconds: [Double], percentile: Int) -> Double? {
    let count = milliseconds.count
    guard count >= fewestQueries(percentile: percentile) else { return nil }
    var (low, high) = (1, count)
    while low + 1 < high {
      let middle = (low + high) / 2
      if tail(count, overCount: middle, percentile) <= 0.01 { low = middle } else { high = middle }
    }
    return milliseconds.sorted()[count - low]
  }

  /// P(at most `overCount` of `count` queries are over the percentile), by the binomial law.
  private static func tail(_ count: Int, overCount: Int, _ percentile: Int) -> Double {
    guard overCount < count else { return 1 }
    let over = Double(100 - percentile) / 100
    let odds = log(over) - log(1 - over)
    // ln of the chance that exactly `index` are over it.
    var logTerm = Double(count) * log(1 - over)
    var sum = exp(logTerm)
    for index in 0..<overCount {
      logTerm += log(Double(count - index)) - log(Double(index + 1)) + odds
      sum += exp(logTerm)
    }
    return min(sum, 1)
  }
}
