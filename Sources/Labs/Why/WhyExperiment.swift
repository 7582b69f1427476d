package import Pipelines
package import Reports

/// A why-question's experiment: run for real on this machine, after the learner has said what will
/// come out.
protocol WhyExperiment: Sendable {
  /// Its name in `why.yaml`.
  static var name: String { get }
  /// Runs it.
  /// - Parameter model: the checkpoint that the experiment is done with.
  func run(model: String, progress: @escaping ProgressHandler) async throws -> WhyFindings
}

/// What an experiment found.
package struct WhyFindings: Sendable, Codable {
  /// What the prediction is compared with.
  package var value: Double
  /// The data, one column per name.
  package var columns: [String]
  package var rows: [[Double]]
  /// Whether the data agree with the explanation, by the check that `why.yaml` describes.
  package var agrees: Bool
  /// Figures that the explanation quotes, by name.
  package var figures: [String: Double]
  /// What each row is about, in English; empty where the first column says it.
  package var labels: [String] = []
}

/// The experiments, one line each.
enum WhyCatalog {
  static let experiments: [any WhyExperiment] = [
    FitExperiment(), BorderExperiment(), ChannelScaleExperiment(), BatchExperiment(),
    LoadExperiment(), FirstRunExperiment(), ConversionExperiment(), MechanismExperiment(),
    PrecisionBalanceExperiment(), TrainingModeExperiment(), CalibrationScaleExperiment(),
    HalfRangeExperiment(), OutputNoiseExperiment(), ByteSpeedExperiment(),
  ]

  static func experiment(_ name: String) -> (any WhyExperiment)? {
    experiments.first { type(of: $0).name == name }
  }
}

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

  /// A column's or a row's name in a language; as it is where the course has no other.
  package func term(_ english: String, _ language: ReportLanguage) -> String {
    terms.first { $0.english == english }?[language] ?? english
  }

  /// Runs the experiment.
  package func run(
    model: String,
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> WhyFindings {
    guard let experiment = WhyCatalog.experiment(experiment) else {
      preconditionFailure("the reader has checked the name")
    }
    return try await experiment.run(model: model, progress: progress)
  }
}

extension WhyQuestion {
  /// Reads `why.yaml`.
  /// - Throws: `course.…`.
  static func read(_ path: String) throws -> [WhyQuestion] {
    try StrictYAML.read(path + "/why.yaml", as: "why.yaml").list().map { value in
      try value.fields { fields in
        let experiment = try fields["experiment"].word()
        guard WhyCatalog.experiment(experiment) != nil else {
          throw value.failure("there is no experiment '\(experiment)'")
        }
        let range = try fields["range"].list().map { try $0.number() }
        guard range.count == 2, range[0] < range[1] else {
          throw value.failure("'range' must be two rising numbers")
        }
        return WhyQuestion(
          id: try fields["id"].word(),
          name: try fields["name"].localized(),
          question: try fields["question"].localized(),
          explanation: try fields["explanation"].localized(),
          unit: try fields["unit"].text(),
          tolerance: try fields["tolerance"].number(in: 0...1e9),
          experiment: experiment,
          terms: try fields.optional("terms")?.list().map { try $0.localized() } ?? [],
          range: range[0]...range[1]
        )
      }
    }
  }
}
