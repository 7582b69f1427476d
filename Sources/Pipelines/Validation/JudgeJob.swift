import Datasets
import Diagnostics
public import Metrics
public import Reports

/// Somebody's COCO results and the labels they belong to → accuracy, without a model.
public struct JudgeJob: Sendable {
  /// The results, in COCO's layout.
  public var results: String
  /// A COCO annotation file, a `data.yaml` or `synth`.
  public var data: String
  /// Whether masks are judged instead of boxes.
  public var judgesMasks = false
  /// Whether labelled pictures that cannot be read are left out with a warning: only a `data.yaml`
  /// needs them, for their size.
  public var allowsMissing = false
  /// Resamples for confidence intervals; 0 computes none.
  public var resampleCount = 0

  /// Creates a job.
  public init(results: String, data: String) {
    self.results = results
    self.data = data
  }

  /// Judges.
  /// - Throws: IDs of `dataset.`, `results.` and `file.`.
  public func run(progress: ProgressHandler = { _ in }) async throws -> AccuracyRecord {
    progress(.began(stage: "read", total: nil))
    let source = try LabelledSource.open(
      data,
      keepsRegions: judgesMasks,
      leavesOutUnreadable: allowsMissing
    )
    let reader = COCOReader(keepsRegions: judgesMasks)
    let (predictions, notes) = try reader.results(path: results, of: source.dataset)
    if judgesMasks { try checkMasks(source.dataset, predictions) }
    let count = predictions.reduce(0) { $0 + $1.count }
    progress(.finished(summary: "\(counted(count, "result"))"))
    progress(.began(stage: "judge", total: nil))
    var judge = AccuracyJudge(source.dataset)
    judge.resampleCount = resampleCount
    judge.workerCount = Machine.processorCount
    var record = AccuracyRecord(task: judgesMasks ? "segment" : "detect", dataset: judge.summary)
    record.diagnostics = source.dataset.diagnostics + notes
    let accuracy = try await judge.accuracy(of: predictions, shape: judgesMasks ? .masks : .boxes)
    if judgesMasks { record.masks = accuracy } else { record.boxes = accuracy }
    progress(.finished(summary: accuracy.words))
    return record
  }

  /// A report that holds a record. Its subject is the file of results.
  public func report(_ record: AccuracyRecord) throws -> Report {
    var report = try Report.begun("val", model: nil, file: results)
    report.accuracy = [record]
    report.diagnostics = record.diagnostics
    return report
  }

  /// Without outlines on both sides every figure would be a zero that says nothing.
  private func checkMasks(_ dataset: Dataset, _ predictions: [[Prediction]]) throws {
    let labels = dataset.pictures.lazy.flatMap(\.labels)
    if !labels.isEmpty, !labels.contains(where: { $0.region != nil }) {
      throw DeployError(
        .validateNoMasks,
        "none of the \(labels.count) labels has an outline that can be used",
        at: .file(path: data),
        remedy: "give labels with segmentations, or judge boxes without --masks"
      )
    }
    let all = predictions.lazy.flatMap { $0 }
    let without = all.count { $0.region == nil }
    guard without == 0 else {
      throw DeployError(
        .validateNoMasks,
        "\(without) of \(all.count) results have no mask",
        at: .file(path: results),
        remedy: "give results with segmentations, or judge boxes without --masks"
      )
    }
  }
}
