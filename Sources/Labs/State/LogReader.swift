import Files
import Glibc
import Synchronization

/// The events of a log, kept in memory: whoever asks often reads only what has come since.
///
/// The chain is followed over what is read. A log that became shorter or another file is read anew.
package final class LogReader: Sendable {
  private struct Kept {
    var events: [EventLog.Event] = []
    var byteCount = 0
    var file: UInt = 0
  }
  private let log: EventLog
  private let kept = Mutex(Kept())

  /// Reads nothing yet.
  package init(_ log: EventLog) { self.log = log }

  /// All events.
  /// - Throws: `lab.tampered`, `file.…`.
  package func events() throws -> [EventLog.Event] {
    try kept.withLock { kept in
      var status = stat()
      guard stat(log.path, &status) == 0 else {
        kept = Kept()
        return []
      }
      let size = Int(status.st_size)
      if UInt(status.st_ino) != kept.file || size < kept.byteCount { kept = Kept() }
      kept.file = UInt(status.st_ino)
      if size > kept.byteCount {
        let (events, end) = try log.events(from: kept.byteCount, after: kept.events.last)
        kept.events += events
        kept.byteCount = end
      }
      return kept.events
    }
  }
}
