package import Diagnostics
import Files
import GRDB
import Glibc

/// What the log says about all learners, as tables that can be asked: `cohort.sqlite`.
///
/// The log is the truth. The database remembers up to which event it follows the log; where it is missing,
/// damaged, of another form or follows another log, it is made anew.
package struct CohortStore: Sendable {
  package let path: String
  private let queue: DatabaseQueue
  private static let form = "2"

  private init(path: String, queue: DatabaseQueue) { (self.path, self.queue) = (path, queue) }

  /// Opens the database and brings it up to a log's events.
  /// - Throws: `lab.cohort-unusable`.
  package static func following(_ events: [EventLog.Event], in folder: String) throws -> Self {
    do {
      let path = folder + "/cohort.sqlite"
      let store = CohortStore(path: path, queue: try open(path))
      try store.update(events)
      return store
    } catch is DatabaseError { return try rebuilt(from: events, in: folder) }
  }

  /// Makes the database anew.
  /// - Throws: `lab.cohort-unusable`.
  package static func rebuilt(from events: [EventLog.Event], in folder: String) throws -> Self {
    let path = folder + "/cohort.sqlite"
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    do {
      let store = CohortStore(path: path, queue: try open(path))
      try store.update(events)
      return store
    } catch let error as DatabaseError {
      throw DeployError(
        .labCohortUnusable,
        "the cohort's tables cannot be made: \(error.message ?? "SQLite error")",
        at: .file(path: path),
        remedy: "free space, or check the folder's permissions; the log itself is whole"
      )
    }
  }

  private static func open(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    _ = chmod(path, 0o600)
    return queue
  }

  /// Adds the events that are missing; all tables are made anew where the database follows another log.
  /// - Throws: `DatabaseError`.
  package func update(_ events: [EventLog.Event]) throws {
    try queue.write { database in
      try database.execute(
        sql: "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT)"
      )
      let state = try Row.fetchAll(database, sql: "SELECT key, value FROM state")
        .reduce(into: [String: String]()) { $0[$1["key"]] = $1["value"] }
      var done = state["number"].flatMap(Int.init) ?? 0
      let follows =
        state["form"] == Self.form && (0...events.count).contains(done)
        && (done == 0 ? "" : events[done - 1].digest ?? "") == state["digest"]
      if !follows {
        try CohortTables.make(database)
        done = 0
      }
      for event in events[done...] { try CohortTables.insert(event, database) }
      let after = [
        "form": Self.form, "number": "\(events.count)", "digest": events.last?.digest ?? "",
      ]
      for (key, value) in after {
        try database.execute(
          sql: "INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)",
          arguments: [key, value]
        )
      }
    }
  }

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do { return try queue.read(body) } catch let error as DatabaseError {
      throw DeployError(
        .labCohortUnusable,
        "the cohort's tables cannot be read: \(error.message ?? "SQLite error")",
        at: .file(path: path),
        remedy: "make them anew: vitrine lab rebuild"
      )
    }
  }
}

extension Diagnostic.ID {
  /// The tables that are computed from the log cannot be made or read.
  package static let labCohortUnusable: Self = "lab.cohort-unusable"
}
