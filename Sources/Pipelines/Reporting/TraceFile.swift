import Files
import FoundationEssentials
public import Metrics

/// Writes timelines for Perfetto (ui.perfetto.dev) and Chrome's tracing page.
public enum TraceFile {
  /// Writes a Chrome trace.
  public static func write(_ timelines: [Timeline], to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(ChromeTrace(timelines))), to: path)
  }
}
