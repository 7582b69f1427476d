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

  /// Writes the document as JSON.
  /// - Throws: `file.unwritable`.
  public func save(to path: String) throws {
    try report.save(to: path)
  }
}
