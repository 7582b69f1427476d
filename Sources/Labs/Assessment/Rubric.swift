/// One of the nine criteria: what it is computed from and what its levels mean; `rubrics/t1.yaml` …
package struct Rubric: Sendable {
  /// A group of three criteria.
  package enum Dimension: String, Sendable, CaseIterable, Codable {
    /// 技术能力
    case technical
    /// 工程素养
    case engineering
    /// 思维层次
    case thinking
  }

  /// A lab, and how much it counts.
  package struct Source: Sendable {
    package let lab: String
    package let weight: Double
  }

  /// What a value is computed from; each kind is a function of ``AssessmentMaker``.
  package enum Method: String, Sendable {
    /// The best result of each lab.
    case labs
    /// Failures that were repaired, and at what cost.
    case repairs
    /// Submissions that ran to their end.
    case runs
    /// How near locked predictions came.
    case predictions
    /// The best result of each lab, and predictions that held.
    case analysis
    /// README files whose commands were run and whose numbers were compared.
    case readmes
    /// How well planted mistakes were seen in reviews, and what authors answered.
    case reviews
    /// Rare choices whose gain was measured.
    case ideas
    /// A person only.
    case person
  }

  package let id: String
  package let dimension: Dimension
  package let names: Localized
  /// What the value is and what it leaves out.
  package let explanation: Localized
  package let method: Method
  package let sources: [Source]
  /// How many pieces of evidence a level needs.
  package let least: Int
  /// The least values of levels 1 to 4, rising.
  package let thresholds: [Double]
  /// The highest level that is given without a person.
  package let highest: Int
  /// What levels 0 to 4 mean.
  package let levels: [Localized]

  /// The level of a value from 0 to 1.
  package func level(_ value: Double) -> Int {
    // Sums of weights may lie a last bit below what they stand for.
    min(highest, thresholds.count { value >= $0 - 1e-9 })
  }
}

extension Rubric {
  /// The criteria in their order.
  package static let ids = ["t1", "t2", "t3", "e1", "e2", "e3", "m1", "m2", "m3"]

  /// Reads `rubrics/`.
  /// - Throws: `course.…`, `file.…`.
  static func read(_ path: String) throws -> [Rubric] {
    try ids.map { id in
      let name = "rubrics/\(id).yaml"
      let root = try StrictYAML.read("\(path)/\(name)", as: name)
      return try root.fields { fields in
        guard let dimension = Dimension(rawValue: try fields["dimension"].word()) else {
          throw root.failure("'dimension' must be technical, engineering or thinking")
        }
        guard let method = Method(rawValue: try fields["method"].word()) else {
          throw root.failure("there is no such method")
        }
        let rubric = Rubric(
          id: id,
          dimension: dimension,
          names: try fields["name"].localized(),
          explanation: try fields["explanation"].localized(),
          method: method,
          sources: try (fields.optional("labs")?.entries() ?? []).map {
            Source(lab: $0.key, weight: try $0.value.number(in: 0.1...10))
          },
          least: try fields["least"].count(in: 1...20),
          thresholds: try fields["thresholds"].list().map { try $0.number(in: 0...1) },
          highest: try fields["highest"].count(in: 0...4),
          levels: try fields["levels"].list().map { try $0.localized() }
        )
        guard rubric.levels.count == 5, rubric.thresholds.count == 4,
          rubric.thresholds == rubric.thresholds.sorted()
        else { throw root.failure("there must be 5 levels and 4 rising thresholds") }
        return rubric
      }
    }
  }
}
