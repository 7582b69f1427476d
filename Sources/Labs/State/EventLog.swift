import Diagnostics
import Files
import FoundationEssentials
import Glibc

/// What happened, one JSON document per line; each holds the digest of the one before.
///
/// Nothing is ever changed in it. A line that a killed process left half written is cut off by
/// the next writer; a line that was changed afterwards breaks the chain, which reading reports.
package struct EventLog: Sendable {
  /// One line.
  package struct Event: Sendable, Codable {
    package var number: Int
    package var time: String
    package var type: String
    package var lab: String
    package var learner: String
    package var data: [String: String]
    package var previous: String
    package var digest: String?
  }

  package let path: String
  private static let lineLimit = 1 << 16

  package init(path: String) { self.path = path }

  /// Appends an event; several processes may do so at once.
  /// - Throws: `file.unwritable`, `lab.tampered`.
  @discardableResult
  package func append(
    _ type: String,
    lab: String,
    learner: String,
    _ data: [String: String] = [:]
  ) throws -> Event {
    try append(type, lab: lab, learner: learner) { data }
  }

  /// Appends an event whose data follow from the events before it, which nobody can add to meanwhile.
  /// - Throws: `file.unwritable`, `lab.tampered`, and what `data` throws.
  @discardableResult
  package func append(
    _ type: String,
    lab: String,
    learner: String,
    making data: () throws -> [String: String]
  ) throws -> Event {
    let file = try locked()
    defer { close(file) }
    let (last, end) = try lastLine(file)
    guard ftruncate(file, off_t(end)) == 0 else { throw failure("cannot be cut", .fileUnwritable) }
    var event = Event(
      number: (last?.number ?? 0) + 1,
      time: Self.now(),
      type: type,
      lab: lab,
      learner: learner,
      data: try data(),
      previous: last?.digest ?? "",
      digest: nil
    )
    event.digest = try Self.digest(of: event)
    let line = try Self.encoded(event) + [0x0A]
    // A longer one could not be read again.
    guard line.count <= Self.lineLimit else {
      throw DeployError(
        .labInvalidSubmission,
        "the texts given are too long to be kept: \(line.count) bytes",
        remedy: "shorten them"
      )
    }
    guard pwrite(file, line, line.count, off_t(end)) == line.count, fsync(file) == 0 else {
      throw failure("cannot be written", .fileUnwritable)
    }
    return event
  }

  /// The file, opened and locked; whoever waited while another process replaced it gets the new one.
  func locked() throws -> Int32 {
    while true {
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard file >= 0 else { throw failure("cannot be opened", .fileUnwritable) }
      while flock(file, LOCK_EX) != 0 {
        guard errno == EINTR else {
          close(file)
          throw failure("cannot be locked", .fileUnwritable)
        }
      }
      var (own, named) = (stat(), stat())
      if fstat(file, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino,
        own.st_dev == named.st_dev
      {
        return file
      }
      close(file)
    }
  }

  /// Every event, in order.
  /// - Throws: `lab.tampered` naming the first line that does not follow from the one before.
  package func events() throws -> [Event] {
    try events(from: 0, after: nil).events
  }

  /// The events from a byte on, and where the last whole line ends.
  /// - Parameter last: the event before that byte.
  /// - Throws: `lab.tampered` where a line does not follow from the one before.
  func events(from start: Int, after last: Event?) throws -> (events: [Event], end: Int) {
    guard access(path, F_OK) == 0 else { return ([], 0) }
    let file = try MappedFile(path: path)
    return try withExtendedLifetime(file) {
      let bytes = [UInt8](UnsafeRawBufferPointer(rebasing: file.bytes.dropFirst(start)))
      var events: [Event] = []
      var previous = last?.digest ?? ""
      var number = last?.number ?? 0
      var end = start
      for line in bytes.split(separator: 0x0A) {
        // What has no end was left by a killed process.
        guard line.endIndex < bytes.count else { break }
        guard line.count <= Self.lineLimit,
          let event = try? JSONDecoder().decode(Event.self, from: Data(line))
        else {
          throw failure("line \(number + 1) cannot be read", .labTampered)
        }
        guard event.previous == previous, event.number == number + 1,
          try Self.digest(of: event) == event.digest
        else {
          throw failure("line \(number + 1) was changed after it was written", .labTampered)
        }
        previous = event.digest ?? ""
        number = event.number
        end = start + line.endIndex + 1
        events.append(event)
      }
      return (events, end)
    }
  }

  /// The last whole line and where it ends.
  private func lastLine(_ file: Int32) throws -> (Event?, Int) {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("cannot be read", .fileUnwritable) }
    let size = Int(status.st_size)
    let start = max(0, size - 2 * Self.lineLimit)
    var bytes = [UInt8](repeating: 0, count: size - start)
    guard pread(file, &bytes, bytes.count, off_t(start)) == bytes.count else {
      throw failure("cannot be read", .fileUnwritable)
    }
    guard let end = bytes.lastIndex(of: 0x0A) else {
      guard size <= Self.lineLimit else { throw failure("holds a line without end", .labTampered) }
      return (nil, 0)
    }
    let begin = bytes[..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    guard let event = try? JSONDecoder().decode(Event.self, from: Data(bytes[begin..<end])) else {
      throw failure("its last line cannot be read", .labTampered)
    }
    return (event, start + end + 1)
  }

  static func encoded(_ event: Event) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(event))
  }

  static func digest(of event: Event) throws -> String {
    var event = event
    event.digest = nil
    return try encoded(event).withUnsafeBytes { "sha256:" + SHA256.hex($0) }
  }

  /// The present moment in ISO 8601, UTC.
  package static func now() -> String {
    var moment = time(nil)
    var parts = tm()
    gmtime_r(&moment, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  private func failure(_ message: String, _ id: Diagnostic.ID) -> DeployError {
    DeployError(
      id,
      "the log \(message)",
      at: .file(path: path),
      remedy: id == .labTampered
        ? "restore the file from a copy, or move it away to begin anew" : "check its permissions"
    )
  }
}
