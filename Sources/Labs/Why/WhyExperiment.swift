package import Pipelines

/// A why-question's experiment: run for real on this machine, after the learner has said what will
/// come out.
protocol WhyExperiment: Sendable {
  /// Its name in `why.yaml`.
  static var name: String { get }
  /// What may be changed about it.
  static var parameters: [WhyParameter] { get }
  /// How its data are drawn.
  static var chart: WhyChart { get }
  /// Runs it; ends early where its task is cancelled.
  /// - Parameter model: the checkpoint that the experiment is done with.
  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings
}

/// Which columns of an experiment's data are drawn over which.
package struct WhyChart: Sendable, Hashable {
  /// The column of the horizontal axis; nil takes the rows' labels, and draws bars.
  package var x: Int?
  /// The columns that are drawn; all have one unit.
  package var y: [Int]
  package var hasLogarithmicX = false
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
  package var labels: [String]

  package init(
    value: Double,
    columns: [String],
    rows: [[Double]],
    agrees: Bool,
    figures: [String: Double],
    labels: [String] = []
  ) {
    (self.value, self.columns, self.rows) = (value, columns, rows)
    (self.agrees, self.figures, self.labels) = (agrees, figures, labels)
  }
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
