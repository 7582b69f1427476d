import Diagnostics
import Files
import Glibc

extension EventLog {
  /// Takes everything that says something of a learner out of the log: their events, and their digest where others' events name it.
  ///
  /// Numbers of events stay, so that what others' assessments lead to is still there; the chain is made anew, and a last event says that
  /// it was, from which digest on. The new file replaces the old one at once; writers that wait go on with the new one.
  /// - Returns: how many events were emptied.
  /// - Throws: `lab.tampered`, `file.unwritable`.
  @discardableResult
  package func erase(_ learner: String) throws -> Int {
    let file = try locked()
    defer { close(file) }
    let all = try events()
    var count = 0
    var previous = ""
    var bytes: [UInt8] = []
    func append(_ event: Event) throws {
      var event = event
      event.previous = previous
      event.digest = nil
      event.digest = try Self.digest(of: event)
      previous = event.digest ?? ""
      bytes += try Self.encoded(event) + [0x0A]
    }
    for event in all {
      var event = event
      if event.learner == learner {
        count += 1
        (event.type, event.lab, event.learner, event.time, event.data) = ("erased", "", "", "", [:])
      } else {
        // A bundle of theirs that somebody was given: what was found in it goes, too.
        event.data = event.data.mapValues { $0 == learner ? "" : $0 }
      }
      try append(event)
    }
    guard count > 0 else { return 0 }
    try append(
      Event(
        number: all.count + 1,
        time: Self.now(),
        type: "rechained",
        lab: "",
        learner: "",
        data: ["because": "a learner was erased", "was": all.last?.digest ?? ""],
        previous: "",
        digest: nil
      )
    )
    try AtomicFile.write(bytes, to: path)
    _ = chmod(path, 0o600)
    return count
  }
}
