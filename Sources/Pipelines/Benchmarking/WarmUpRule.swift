import Metrics

/// Runs a network until its latency has settled: until the medians of three windows of five runs
/// one after the other lie within 5 % of each other, but never longer than a quarter of the time
/// that it is measured for (at least half a second, at most 10 s).
struct WarmUpRule {
  static let words = "until three windows of 5 runs agree within 5 % by their medians"
  private static let window = 5
  private static let tolerance = 0.05

  /// The longest time, in seconds.
  let limit: Double

  init(duration: Double) { limit = min(max(duration / 4, 0.5), 10) }

  /// Whether the last runs, in milliseconds, have settled.
  static func isStable(_ times: [Double]) -> Bool {
    guard times.count >= 3 * window else { return false }
    let recent = times.suffix(3 * window)
    let medians = (0..<3).map { index in
      let start = recent.startIndex + index * window
      return recent[start..<start + window].sorted()[window / 2]
    }
    guard let low = medians.min(), let high = medians.max() else { return false }
    return high <= low * (1 + tolerance)
  }

  /// Runs until settled or out of time.
  func run(_ body: () throws -> Void) rethrows -> WarmUp {
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while !Self.isStable(times), (clock.now - start) / .seconds(1) < limit {
      times.append(try clock.measure(body) / .milliseconds(1))
    }
    return WarmUp(
      runCount: times.count,
      seconds: (clock.now - start) / .seconds(1),
      isStable: Self.isStable(times),
      rule: Self.words
    )
  }
}
