import Diagnostics
import Synchronization

/// What sessions say when they are made, on whatever thread; each thing once.
final class SessionNotes: Sendable {
  private let notes = Mutex<[Diagnostic]>([])

  var all: [Diagnostic] { notes.withLock { $0 } }

  func add(_ more: [Diagnostic]) {
    notes.withLock { notes in
      for note in more where !notes.contains(note) { notes.append(note) }
    }
  }
}
