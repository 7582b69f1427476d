import Diagnostics
import Files
import Metrics
public import Reports

/// What a benchmark found.
public struct BenchResult: Sendable {
  /// The document: `benchmarks`, `verdicts` and what is worth saying.
  public var report: Report
  /// Against an earlier run, if that was asked for.
  public var history: [HistoryVerdict] = []
  /// The run's number in the history, if it was kept.
  public var runID: Int64?

  /// Compares with an earlier run; the verdicts also go into the document.
  /// - Returns: whether there was something to compare with; a note says what where not.
  /// - Throws: as `RunHistory.compare(_:model:against:)`.
  public mutating func compare(
    with history: RunHistory,
    model: String,
    against reference: RunHistory.Reference
  ) throws -> Bool {
    do {
      self.history = try history.compare(report, model: model, against: reference)
    } catch let error as DeployError where error.id == .historyNothingComparable {
      report.diagnostics += error.diagnostics.map {
        var note = $0
        note.severity = .note
        return note
      }
      return false
    }
    for earlier in self.history {
      report.verdicts.append(earlier.verdict)
      let text = "\(earlier.label): \(earlier.verdict.words) against run \(earlier.runID): "
      report.diagnostics.append(Diagnostic(.note, .benchHistory, text + earlier.basis))
    }
    return true
  }

  /// Whether a comparison with an earlier run shows that this one is slower.
  public var isSlower: Bool { history.contains { $0.verdict.outcome == .slower } }

  /// Writes the document as JSON.
  /// - Throws: `file.unwritable`.
  public func save(to path: String) throws {
    try report.save(to: path)
  }
}
