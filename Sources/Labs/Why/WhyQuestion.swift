package import Pipelines
package import Reports

/// One question of the course.
package struct WhyQuestion: Sendable {
  package let id: String
  package let name: Localized
  package let question: Localized
  /// Shown with the data, never before; `{figures}` stand in braces.
  package let explanation: Localized
  package let unit: String
  /// How far a prediction may be off and still count.
  package let tolerance: Double
  let experiment: String
  /// Names of columns and rows in both languages.
  package let terms: [Localized]
  /// What can be predicted.
  package let range: ClosedRange<Double>
  /// What the parameters are called, by their names.
  package let labels: [String: Localized]
  /// What to try with them, after the question has been answered.
  package let trial: Localized?
  /// Whether a run with other settings needs a prediction of its own.
  package let predictsEach: Bool

  private var type: any WhyExperiment.Type {
    guard let experiment = WhyCatalog.experiment(experiment) else {
      preconditionFailure("the reader has checked the name")
    }
    return Swift.type(of: experiment)
  }

  /// What may be changed about the experiment.
  package var parameters: [WhyParameter] { type.parameters }

  /// How its data are drawn.
  package var chart: WhyChart { type.chart }

  /// The question's own settings, with some changed.
  /// - Throws: `lab.invalid-setting`.
  package func settings(_ changes: [String: Double] = [:]) throws -> WhySettings {
    try WhySettings(parameters, changing: changes)
  }

  /// Whether settings are the ones that the question is asked for.
  package func isOwn(_ settings: WhySettings) -> Bool {
    parameters.allSatisfy { settings.values[$0.name] == $0.initial }
  }

  /// A column's or a row's name in a language; as it is where the course has no other. A term may be its
  /// beginning or its end.
  package func term(_ english: String, _ language: ReportLanguage) -> String {
    guard language != .english else { return english }
    if let whole = terms.first(where: { $0.english == english }) { return whole[language] }
    for term in terms where english.hasPrefix(term.english) {
      return term[language] + english.dropFirst(term.english.count)
    }
    for term in terms where english.hasSuffix(term.english) {
      return english.dropLast(term.english.count) + term[language]
    }
    return english
  }

  /// What a parameter is called.
  package func label(_ name: String, _ language: ReportLanguage) -> String {
    labels[name]?[language] ?? name
  }

  /// The explanation with the figures of a run with the question's own settings.
  package func explanation(_ findings: WhyFindings, _ language: ReportLanguage) -> String {
    let figures = findings.figures.mapValues { value in
      value == value.rounded() && abs(value) < 1e9
        ? "\(Int(value))" : HTML.decimal(value, abs(value) < 10 ? 2 : 1)
    }
    return Messages.fill(explanation[language], figures)
  }

  /// Runs the experiment.
  /// - Parameter settings: nil for the question's own.
  /// - Throws: what it throws; `CancellationError` where its task was cancelled.
  package func run(
    model: String,
    settings: WhySettings? = nil,
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> WhyFindings {
    guard let experiment = WhyCatalog.experiment(experiment) else {
      preconditionFailure("the reader has checked the name")
    }
    return try await experiment.run(
      model: model,
      settings: try settings ?? self.settings(),
      progress: progress
    )
  }
}

extension WhyQuestion {
  /// Reads `why.yaml`.
  /// - Throws: `course.…`.
  static func read(_ path: String) throws -> [WhyQuestion] {
    try StrictYAML.read(path + "/why.yaml", as: "why.yaml").list().map { value in
      try value.fields { fields in
        let name = try fields["experiment"].word()
        guard let experiment = WhyCatalog.experiment(name) else {
          throw value.failure("there is no experiment '\(name)'")
        }
        let range = try fields["range"].list().map { try $0.number() }
        guard range.count == 2, range[0] < range[1] else {
          throw value.failure("'range' must be two rising numbers")
        }
        let labels = try fields.optional("parameters")?.entries() ?? []
        let parameters = Swift.type(of: experiment).parameters.map(\.name)
        guard Set(labels.map(\.key)) == Set(parameters) else {
          throw value.failure(
            "'parameters' must name those of the experiment: "
              + parameters.joined(separator: ", ")
          )
        }
        return WhyQuestion(
          id: try fields["id"].word(),
          name: try fields["name"].localized(),
          question: try fields["question"].localized(),
          explanation: try fields["explanation"].localized(),
          unit: try fields["unit"].text(),
          tolerance: try fields["tolerance"].number(in: 0...1e9),
          experiment: name,
          terms: try fields.optional("terms")?.list().map { try $0.localized() } ?? [],
          range: range[0]...range[1],
          labels: try labels.reduce(into: [:]) { $0[$1.key] = try $1.value.localized() },
          trial: try fields.optional("try")?.localized(),
          predictsEach: try fields.optional("predict-each")?.flag() ?? false
        )
      }
    }
  }
}
