/// Timed runs: their summary, and enough of them to draw the distribution and the trace.
public struct LatencySeries: Sendable, Hashable, Codable {
  /// The most samples kept.
  public static let sampleLimit = 5_000

  /// Over every run, not only those kept.
  public var summary: LatencySummary
  /// Every `stride`-th run, in milliseconds, in the order of time.
  public var milliseconds: [Double]
  /// When each of those began, in seconds after the first.
  public var seconds: [Double]
  /// One of how many runs was kept; 1 keeps all.
  public var stride: Int

  /// Creates a series; nil where there is no run.
  /// - Parameters:
  ///   - milliseconds: one per run, in the order of time.
  ///   - seconds: when each began, as many.
  public init?(milliseconds: [Double], seconds: [Double], warmUpCount: Int = 0) {
    guard milliseconds.count == seconds.count,
      let summary = LatencySummary(milliseconds: milliseconds, warmUpCount: warmUpCount)
    else { return nil }
    self.summary = summary
    let step = (milliseconds.count + Self.sampleLimit - 1) / Self.sampleLimit
    stride = step
    let kept = Swift.stride(from: 0, to: milliseconds.count, by: step)
    let start = seconds.first ?? 0
    self.milliseconds = kept.map { milliseconds[$0] }
    self.seconds = kept.map { seconds[$0] - start }
  }
}
