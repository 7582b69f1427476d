public import Diagnostics

/// How right a model is on one labelled data set, and by which rules that was found.
///
/// Which parts are there follows from the task: `boxes` for detection, `boxes` and `masks` for
/// segmentation, `classification` for classification.
public struct AccuracyRecord: Sendable, Hashable, Codable {
  /// The model's file name; nil where somebody else's results were judged.
  public var model: String?
  /// The backend that ran the model; nil where somebody else's results were judged.
  public var backend: String?
  /// `detect`, `segment` or `classify`.
  public var task: String
  /// What was looked at.
  public var dataset: DatasetSummary
  /// How pictures were prepared and candidates chosen; nil where results were judged.
  public var rules: AccuracyRules?
  /// The accuracy of boxes.
  public var boxes: DetectionAccuracy?
  /// The accuracy of masks.
  public var masks: DetectionAccuracy?
  /// The accuracy of a classifier.
  public var classification: ClassificationAccuracy?
  /// Where the time went; nil where results were judged.
  public var speed: EvaluationSpeed?
  /// What the reader should know of the data, the results and the model.
  public var diagnostics: [Diagnostic] = []

  /// Creates a record without figures.
  public init(task: String, dataset: DatasetSummary) {
    self.task = task
    self.dataset = dataset
  }
}
