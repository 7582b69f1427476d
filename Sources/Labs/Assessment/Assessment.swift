package import Reports

/// What a learner has shown, by the nine criteria; everything in it leads back to events of the log.
package struct Assessment: Sendable, Codable {
  /// Something that a value was computed from.
  package struct Evidence: Sendable, Codable, Hashable {
    /// A lab (`L03`) or a question (`W9`).
    package var subject: String
    /// From 0 to 1.
    package var value: Double
    package var weight: Double
    /// The attempt, where there is one.
    package var attempt: Int?
    package var tier: String?
    /// The digest of the verdict.
    package var verdict: String?
    /// The number of the event in the log.
    package var event: Int
    /// What the value is made of, in figures: `points 20/20`.
    package var figures: String
    /// The same in a sentence of each language (`en`, `zh-Hans`), where figures alone say too little.
    package var words: [String: String]?

    /// What is shown to people.
    package func shown(_ language: ReportLanguage) -> String {
      words?[language.rawValue] ?? figures
    }
  }

  /// A level that a person gave instead of the computed one.
  package struct Override: Sendable, Codable, Hashable {
    package var level: Int
    package var reason: String
    package var by: String
    package var time: String
    package var event: Int
  }

  /// One criterion.
  package struct Criterion: Sendable, Codable {
    package var id: String
    package var dimension: Rubric.Dimension
    /// From 0 to 1; nil without evidence.
    package var value: Double?
    /// What the value comes to; nil where there is less evidence than `least`.
    package var computedLevel: Int?
    /// How many pieces of evidence a level needs.
    package var least: Int
    package var override: Override?
    package var evidence: [Evidence]

    /// The level that counts; nil where there is not enough evidence.
    package var level: Int? { override?.level ?? computedLevel }
  }

  /// Three criteria together.
  package struct Dimension: Sendable, Codable {
    package var id: Rubric.Dimension
    /// Mean of the levels that are known, rounded down; nil where fewer than two are known.
    package var level: Int?
    package var known: Int
  }

  package var format = 1
  package var learner: String
  package var course: String
  package var criteria: [Criterion]
  package var dimensions: [Dimension]
  /// The highest tier whose levels all dimensions reach; nil where there is none.
  package var badge: String?
}
