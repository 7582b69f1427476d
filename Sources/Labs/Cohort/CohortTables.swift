import GRDB

/// The tables of ``CohortStore``, and how events go into them.
enum CohortTables {
  static func make(_ database: Database) throws {
    try database.execute(
      sql: """
        DROP TABLE IF EXISTS attempts; DROP TABLE IF EXISTS outcomes; DROP TABLE IF EXISTS uses;
        CREATE TABLE attempts (
          event INTEGER PRIMARY KEY, time TEXT NOT NULL, learner TEXT NOT NULL, lab TEXT NOT NULL,
          tier TEXT NOT NULL, attempt INTEGER NOT NULL, points INTEGER NOT NULL, max INTEGER NOT NULL,
          passed INTEGER NOT NULL);
        CREATE INDEX attempts_by_lab ON attempts (lab, learner);
        CREATE INDEX attempts_by_learner ON attempts (learner, lab);
        CREATE TABLE outcomes (
          event INTEGER NOT NULL REFERENCES attempts, learner TEXT NOT NULL, lab TEXT NOT NULL,
          check_id TEXT NOT NULL, status TEXT NOT NULL, cause TEXT);
        CREATE INDEX outcomes_by_lab ON outcomes (lab, check_id);
        CREATE TABLE uses (
          event INTEGER PRIMARY KEY, time TEXT NOT NULL, learner TEXT NOT NULL, lab TEXT NOT NULL,
          type TEXT NOT NULL);
        CREATE INDEX uses_by_learner ON uses (learner, lab, type);
        """
    )
  }

  static func insert(_ event: EventLog.Event, _ database: Database) throws {
    try database.execute(
      sql: "INSERT INTO uses (event, time, learner, lab, type) VALUES (?, ?, ?, ?, ?)",
      arguments: [event.number, event.time, event.learner, event.lab, event.type]
    )
    guard event.type == "graded", event.data["counts"] == "true" else { return }
    func number(_ key: String) -> Int { event.data[key].flatMap(Int.init) ?? 0 }
    try database.execute(
      sql: """
        INSERT INTO attempts (event, time, learner, lab, tier, attempt, points, max, passed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        event.number, event.time, event.learner, event.lab, event.data["tier"] ?? "",
        number("attempt"), number("points"), number("max"),
        event.data["passed"] == "true" ? 1 : 0,
      ]
    )
    for outcome in CheckOutcome.read(event.data["checks"] ?? "") {
      try database.execute(
        sql: """
          INSERT INTO outcomes (event, learner, lab, check_id, status, cause)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          event.number, event.learner, event.lab, outcome.check, outcome.status.rawValue,
          outcome.cause,
        ]
      )
    }
  }
}
