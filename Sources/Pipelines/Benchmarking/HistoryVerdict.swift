public import Metrics

/// A configuration against the same one of an earlier run.
public struct HistoryVerdict: Sendable, Hashable, Codable {
  /// The configuration.
  public var label: String
  /// The number of the earlier run.
  public var runID: Int64
  /// When the earlier run was, in ISO 8601.
  public var date: String
  /// What the two show.
  public var verdict: Verdict
  /// How sure that is, in sentences.
  public var basis: String

  /// Creates a comparison.
  public init(label: String, runID: Int64, date: String, verdict: Verdict, basis: String) {
    self.label = label
    self.runID = runID
    self.date = date
    self.verdict = verdict
    self.basis = basis
  }
}
