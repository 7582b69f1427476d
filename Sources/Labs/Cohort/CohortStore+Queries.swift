import GRDB

extension CohortStore {
  /// Where one learner stands in one lab.
  package struct Cell: Sendable, Hashable {
    package var learner: String
    package var lab: String
    package var attempts: Int
    package var best: Int
    package var max: Int
    package var isPassed: Bool
  }

  /// Every learner and lab with at least one attempt that counts.
  /// - Throws: `lab.cohort-unusable`.
  package func cells() throws -> [Cell] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT learner, lab, COUNT(*) AS attempts, MAX(points) AS best, MAX(max) AS max,
            MAX(passed) AS passed FROM attempts GROUP BY learner, lab ORDER BY learner, lab
          """
      ).map { row in
        let passed: Int = row["passed"]
        return Cell(
          learner: row["learner"],
          lab: row["lab"],
          attempts: row["attempts"],
          best: row["best"],
          max: row["max"],
          isPassed: passed == 1
        )
      }
    }
  }

  /// How often a check failed.
  package struct StuckPoint: Sendable, Hashable {
    package var lab: String
    package var check: String
    package var tries: Int
    package var failures: Int
    /// Learners whose last attempt fails it.
    package var stuckLearners: Int
    /// The causes that were named, the most frequent first.
    package var causes: [Cause]

    package struct Cause: Sendable, Hashable {
      /// nil where none of the known ones fitted.
      package var id: String?
      package var count: Int
    }
  }

  /// Checks by how many attempts they failed in, the most first.
  /// - Throws: `lab.cohort-unusable`.
  package func stuckPoints() throws -> [StuckPoint] {
    try read { database in
      let causes = try Row.fetchAll(
        database,
        sql: """
          SELECT lab, check_id, cause, COUNT(*) AS count FROM outcomes
          WHERE status IN ('fail', 'error') GROUP BY lab, check_id, cause
          ORDER BY count DESC, cause
          """
      )
      return try Row.fetchAll(
        database,
        sql: """
          SELECT lab, check_id, COUNT(*) AS tries, SUM(status IN ('fail', 'error')) AS failures,
            (SELECT COUNT(*) FROM outcomes AS last WHERE last.lab = outcomes.lab
              AND last.check_id = outcomes.check_id AND last.status IN ('fail', 'error')
              AND last.event = (SELECT MAX(event) FROM attempts
                WHERE attempts.learner = last.learner AND attempts.lab = last.lab)) AS stuck
          FROM outcomes GROUP BY lab, check_id HAVING failures > 0
          ORDER BY failures DESC, lab, check_id
          """
      ).map { row in
        let (lab, check): (String, String) = (row["lab"], row["check_id"])
        return StuckPoint(
          lab: lab,
          check: check,
          tries: row["tries"],
          failures: row["failures"],
          stuckLearners: row["stuck"],
          causes: causes.filter { $0["lab"] == lab && $0["check_id"] == check }
            .map { StuckPoint.Cause(id: $0["cause"], count: $0["count"]) }
        )
      }
    }
  }

  /// How many events are in the tables.
  package func eventCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM uses") ?? 0 }
  }
}

extension CohortStore {
  /// One choice in one lab, and how many made it.
  package struct ChosenForm: Sendable, Hashable {
    package var lab: String
    package var form: String
    package var isTaught: Bool
    package var learners: Int
    /// The mean of the proved gains; nil where none was measured.
    package var gain: Double?
  }

  /// What learners chose where a lab leaves a choice: of each the last attempt that passed.
  /// - Throws: `lab.cohort-unusable`.
  package func chosenForms() throws -> [ChosenForm] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT lab, form, MAX(taught) AS taught, COUNT(*) AS learners, AVG(gain) AS gain
          FROM choices GROUP BY lab, form ORDER BY lab, learners DESC, form
          """
      ).map { row in
        let taught: Int = row["taught"]
        return ChosenForm(
          lab: row["lab"],
          form: row["form"],
          isTaught: taught == 1,
          learners: row["learners"],
          gain: row["gain"]
        )
      }
    }
  }

  /// How many bundles a reviewer was given, has reviewed, and got an answer to.
  package struct ReviewLoad: Sendable, Hashable {
    package var reviewer: String
    package var given: Int
    package var planted: Int
    package var reviewed: Int
    package var answered: Int
  }

  /// Every reviewer.
  /// - Throws: `lab.cohort-unusable`.
  package func reviewLoads() throws -> [ReviewLoad] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT reviewer, COUNT(*) AS given, COUNT(mutant) AS planted, COUNT(review) AS reviewed,
            COUNT(answer) AS answered FROM reviews GROUP BY reviewer ORDER BY reviewer
          """
      ).map { row in
        ReviewLoad(
          reviewer: row["reviewer"],
          given: row["given"],
          planted: row["planted"],
          reviewed: row["reviewed"],
          answered: row["answered"]
        )
      }
    }
  }
}
