public import Diagnostics
public import Metrics

/// What a benchmark found.
public struct BenchResult: Sendable, Codable {
  /// The model's path.
  public var model: String
  /// One per configuration, in the order asked for.
  public var records: [BenchmarkRecord] = []
  /// Each configuration of a batch against the first, engine and end to end.
  public var verdicts: [Verdict] = []
  /// Against an earlier run, if that was asked for.
  public var history: [HistoryVerdict] = []
  /// What is worth saying.
  public var diagnostics: [Diagnostic] = []

  /// Creates a result.
  public init(model: String) { self.model = model }
}
