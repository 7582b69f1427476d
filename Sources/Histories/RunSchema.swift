import GRDB

/// The tables, and how values go into them and come out.
enum RunSchema {
  /// Each version of the tables, in order; a published one never changes.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, date TEXT NOT NULL, command TEXT NOT NULL,
            name TEXT, model TEXT NOT NULL, model_hash TEXT NOT NULL, version TEXT NOT NULL,
            machine TEXT NOT NULL, report TEXT NOT NULL);
          CREATE TABLE configurations (
            id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            key TEXT NOT NULL, label TEXT NOT NULL);
          CREATE INDEX configurations_by_key ON configurations (key, run_id);
          CREATE INDEX configurations_by_run ON configurations (run_id);
          CREATE TABLE figures (
            configuration_id INTEGER NOT NULL REFERENCES configurations ON DELETE CASCADE,
            name TEXT NOT NULL, value REAL NOT NULL,
            PRIMARY KEY (configuration_id, name)) WITHOUT ROWID;
          CREATE TABLE samples (
            configuration_id INTEGER NOT NULL REFERENCES configurations ON DELETE CASCADE,
            name TEXT NOT NULL, position INTEGER NOT NULL, value REAL NOT NULL,
            PRIMARY KEY (configuration_id, name, position)) WITHOUT ROWID;
          """
      )
    }
    return migrator
  }

  static func insert(
    _ configuration: StoredConfiguration,
    _ run: Int64,
    _ database: Database
  ) throws {
    try database.execute(
      sql: "INSERT INTO configurations (run_id, key, label) VALUES (?, ?, ?)",
      arguments: [run, configuration.key, configuration.label]
    )
    let id = database.lastInsertedRowID
    for (name, value) in configuration.figures where value.isFinite {
      try database.execute(
        sql: "INSERT INTO figures (configuration_id, name, value) VALUES (?, ?, ?)",
        arguments: [id, name, value]
      )
    }
    let insertion = try database.makeStatement(
      sql: "INSERT INTO samples (configuration_id, name, position, value) VALUES (?, ?, ?, ?)"
    )
    for (name, values) in configuration.samples {
      for (position, value) in values.enumerated() where value.isFinite {
        try insertion.execute(arguments: [id, name, position, value])
      }
    }
  }

  static func run(_ row: Row) throws -> StoredRun {
    var run = StoredRun(
      date: try row.value("date"),
      command: try row.value("command"),
      name: try row.value("name"),
      model: try row.value("model"),
      modelHash: try row.value("model_hash"),
      version: try row.value("version"),
      machine: try row.value("machine"),
      report: try row.value("report")
    )
    run.id = try row.value("id")
    return run
  }

  static func configurations(
    of run: Int64,
    _ database: Database,
    samples: Bool
  ) throws -> [StoredConfiguration] {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT id, key, label FROM configurations WHERE run_id = ? ORDER BY id",
      arguments: [run]
    )
    return try rows.map { row in
      let id: Int64 = try row.value("id")
      var configuration = StoredConfiguration(
        key: try row.value("key"),
        label: try row.value("label")
      )
      let figures = try Row.fetchAll(
        database,
        sql: "SELECT name, value FROM figures WHERE configuration_id = ?",
        arguments: [id]
      )
      for figure in figures {
        configuration.figures[try figure.value("name")] = try figure.value("value")
      }
      guard samples else { return configuration }
      let values = try Row.fetchCursor(
        database,
        sql: """
          SELECT name, value FROM samples WHERE configuration_id = ? ORDER BY name, position
          """,
        arguments: [id]
      )
      while let value = try values.next() {
        configuration.samples[try value.value("name"), default: []].append(try value.value("value"))
      }
      return configuration
    }
  }
}

extension Row {
  /// A cell's value; SQLite keeps whatever type was written, so it may be another.
  /// - Throws: ``WrongCell``.
  func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    let cell: DatabaseValue? = self[column]
    guard let cell, let value = Value.fromDatabaseValue(cell) else {
      throw WrongCell(column: column)
    }
    return value
  }
}

/// A cell whose value is not of the column's type.
struct WrongCell: Error {
  let column: String
}
