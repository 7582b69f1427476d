import GRDB

/// The tables of ``CohortStore``, and how events go into them.
enum CohortTables {
  static func make(_ database: Database) throws {
    try database.execute(
      sql: """
        DROP TABLE IF EXISTS attempts; DROP TABLE IF EXISTS outcomes; DROP TABLE IF EXISTS uses;
        DROP TABLE IF EXISTS choices; DROP TABLE IF EXISTS reviews;
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
        CREATE TABLE choices (
          learner TEXT NOT NULL, lab TEXT NOT NULL, event INTEGER NOT NULL, form TEXT NOT NULL,
          taught INTEGER NOT NULL, gain REAL, PRIMARY KEY (learner, lab));
        CREATE INDEX choices_by_form ON choices (lab, form);
        CREATE TABLE reviews (
          bundle TEXT PRIMARY KEY, event INTEGER NOT NULL, reviewer TEXT NOT NULL, lab TEXT NOT NULL,
          mutant TEXT, author TEXT, attempt INTEGER, review INTEGER, causes TEXT, answer TEXT);
        CREATE INDEX reviews_by_reviewer ON reviews (reviewer);
        """
    )
  }

  static func insert(_ event: EventLog.Event, _ database: Database) throws {
    try database.execute(
      sql: "INSERT INTO uses (event, time, learner, lab, type) VALUES (?, ?, ?, ?, ?)",
      arguments: [event.number, event.time, event.learner, event.lab, event.type]
    )
    if event.data["bundle"] != nil { return try insert(review: event, database) }
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
    if let form = event.data["choice"] {
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO choices (learner, lab, event, form, taught, gain)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          event.learner, event.lab, event.number, form, event.data["taught"] == "true" ? 1 : 0,
          event.data["gain"].flatMap(Double.init),
        ]
      )
    }
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

  /// As ``ReviewRecords`` reads them: the first review of a bundle counts, and the first answer, which is the author's.
  private static func insert(review event: EventLog.Event, _ database: Database) throws {
    let bundle = event.data["bundle"]
    switch event.type {
    case "review-assigned":
      guard event.data["mutant"] != nil || event.data["author"] != nil else { return }
      try database.execute(
        sql: """
          INSERT OR IGNORE INTO reviews (bundle, event, reviewer, lab, mutant, author, attempt)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          bundle, event.number, event.learner, event.data["lab"] ?? "", event.data["mutant"],
          event.data["author"], event.data["attempt"].flatMap(Int.init),
        ]
      )
    case "reviewed":
      try database.execute(
        sql: """
          UPDATE reviews SET review = ?, causes = ?
          WHERE bundle = ? AND reviewer = ? AND review IS NULL
          """,
        arguments: [event.number, event.data["causes"] ?? "", bundle, event.learner]
      )
    case "acknowledged":
      guard let answer = event.data["answer"].flatMap(ReviewAnswer.init) else { return }
      try database.execute(
        sql: """
          UPDATE reviews SET answer = ?
          WHERE bundle = ? AND author = ? AND review IS NOT NULL AND answer IS NULL
          """,
        arguments: [answer.rawValue, bundle, event.learner]
      )
    default: return
    }
  }
}
