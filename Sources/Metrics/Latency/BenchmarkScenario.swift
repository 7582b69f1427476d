/// How queries arrive, after MLPerf's load generator.
///
/// Source: MLPerf Inference Rules, "Scenarios" (mlcommons/inference_policies,
/// inference_rules.adoc) and Reddi et al., "MLPerf inference benchmark", 2020, table 2.
public enum BenchmarkScenario: String, Sendable, Hashable, Codable, CaseIterable {
  /// The next query begins when the last one ended; judged by its P90.
  case single
  /// As single, but each query is of several pictures, one of each stream; judged by its P99.
  case multi
  /// All pictures are there from the start; judged by pictures per second.
  case offline
  /// Queries arrive at random times at a mean rate (Poisson); judged by the rate at which the P99
  /// stays within a bound.
  case server

  /// The percentile that it is judged by; nil for throughput.
  public var percentile: Int? {
    switch self {
    case .single: 90
    case .multi, .server: 99
    case .offline: nil
    }
  }

  /// The fewest queries of a full run (offline: pictures).
  /// Source: MLPerf Inference Rules 0.5 to 1.1: 1,024 (single stream), 24,576 pictures (offline),
  /// 270,336 = 33 · 2¹³ (99th percentile to ± 0.05 % with 99 % confidence).
  public var fullQueryCount: Int {
    switch self {
    case .single: 1_024
    case .multi, .server: 270_336
    case .offline: 24_576
    }
  }

  /// The shortest full run, in seconds.
  /// Source: MLPerf Inference Rules since 1.0, "Duration": 600 seconds.
  public static let fullDuration = 600.0
}
