public import Diagnostics
import Files
import GRDB

/// Runs in an SQLite database, `runs.sqlite` in a folder of the user. Several processes may use it
/// at once.
public struct RunStore: Sendable {
  /// The database file.
  public let path: String
  private let queue: DatabaseQueue

  /// Opens the database, created where it is missing.
  /// - Throws: `file.unwritable`, `history.unreadable`, `history.too-new`.
  public init(folder: String) throws {
    try Folder.create(folder)
    path = folder + "/runs.sqlite"
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      let migrator = RunSchema.migrator
      guard try queue.read({ try !migrator.hasBeenSuperseded($0) }) else {
        throw DeployError(
          .historyTooNew,
          "was written by a newer version of this program",
          at: .file(path: path),
          remedy: "use that version, or name another folder with VITRINE_DATA"
        )
      }
      try migrator.migrate(queue)
    } catch let error as DatabaseError {
      throw Self.failure(error, path)
    }
  }

  /// Stores a run, all of it or nothing.
  /// - Returns: its number.
  /// - Throws: `history.unreadable`.
  public func add(_ run: StoredRun) throws -> Int64 {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO runs (date, command, name, model, model_hash, version, machine, report)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.date, run.command, run.name, run.model, run.modelHash, run.version, run.machine,
          run.report,
        ]
      )
      let id = database.lastInsertedRowID
      for configuration in run.configurations { try RunSchema.insert(configuration, id, database) }
      return id
    }
  }

  /// The newest runs first, without their reports and samples.
  /// - Throws: `history.unreadable`.
  public func runs(limit: Int = 1000) throws -> [StoredRun] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT id, date, command, name, model, model_hash, version, machine, '' AS report
          FROM runs ORDER BY id DESC LIMIT ?
          """,
        arguments: [limit]
      )
      return try rows.map { row in
        var run = try RunSchema.run(row)
        run.configurations = try RunSchema.configurations(
          of: row.value("id"),
          database,
          samples: false
        )
        return run
      }
    }
  }

  /// A run with everything.
  /// - Throws: `history.unknown-run`, `history.unreadable`.
  public func run(_ id: Int64) throws -> StoredRun {
    try read { database in
      let row = try Row.fetchOne(database, sql: "SELECT * FROM runs WHERE id = ?", arguments: [id])
      guard let row else { throw Self.unknown(id) }
      var run = try RunSchema.run(row)
      run.configurations = try RunSchema.configurations(of: id, database, samples: true)
      return run
    }
  }

  /// The runs that measured a configuration, the newest first, each with that one only.
  /// - Throws: `history.unreadable`.
  public func runs(measuring key: String, limit: Int = 30) throws -> [StoredRun] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT id, date, command, name, model, model_hash, version, machine, '' AS report
          FROM runs WHERE id IN (SELECT run_id FROM configurations WHERE key = ?)
          ORDER BY id DESC LIMIT ?
          """,
        arguments: [key, limit]
      )
      return try rows.map { row in
        var run = try RunSchema.run(row)
        run.configurations = try RunSchema.configurations(
          of: row.value("id"),
          database,
          samples: true
        )
        .filter { $0.key == key }
        return run
      }
    }
  }

  /// Deletes runs.
  /// - Throws: `history.unknown-run` where one does not exist, and then none is deleted.
  public func delete(_ ids: [Int64]) throws {
    try write { database in
      for id in ids {
        try database.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [id])
        guard database.changesCount == 1 else { throw Self.unknown(id) }
      }
    }
  }

  private func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do { return try queue.read(body) } catch let error as DatabaseError {
      throw Self.failure(error, path)
    } catch let error as WrongCell {
      throw Self.failure("the column '\(error.column)' holds a value of another kind", path)
    }
  }

  private func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    do { return try queue.write(body) } catch let error as DatabaseError {
      throw Self.failure(error, path)
    }
  }

  private static func failure(_ error: DatabaseError, _ path: String) -> DeployError {
    let words = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    guard [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) else {
      return failure(words, path)
    }
    return failure(words, path, remedy: "another process uses it: try again when that has ended")
  }

  private static func failure(
    _ words: String,
    _ path: String,
    remedy: String = "move the file away, or name another folder with VITRINE_DATA"
  ) -> DeployError {
    DeployError(
      .historyUnreadable,
      "the run history cannot be used: \(words)",
      at: .file(path: path),
      remedy: remedy
    )
  }

  private static func unknown(_ id: Int64) -> DeployError {
    DeployError(
      .historyUnknownRun,
      "there is no run \(id)",
      remedy: "see `vitrine runs list`"
    )
  }
}

extension Diagnostic.ID {
  /// A database that is damaged, locked or no database.
  public static let historyUnreadable: Self = "history.unreadable"
  /// A database of a newer version.
  public static let historyTooNew: Self = "history.too-new"
  /// A number that no run has.
  public static let historyUnknownRun: Self = "history.unknown-run"
}
