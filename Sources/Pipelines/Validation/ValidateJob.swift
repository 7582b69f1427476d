import Datasets
import Detectors
import Diagnostics
import Files
import Graphs
public import Metrics
public import Reports

/// A model and a labelled data set → accuracy, by the rules of YOLOv5's `val`.
public struct ValidateJob: Sendable {
  /// How YOLOv5 rounds the size of a scaled picture: one row of pixels more or less changes AP by
  /// up to half a percent.
  public enum Rounding: String, Sendable, CaseIterable {
    /// Up to v6.2.
    case down
    /// From v7.0.
    case up
  }

  /// The model's path.
  public var model: String
  /// A COCO annotation file, a `data.yaml`, a folder, or `synth`.
  public var data: String
  /// The folder with the pictures of an annotation file; nil looks for it.
  public var pictureFolder: String?
  /// Height and width in pixels to fit into; nil takes the model's.
  public var imageSize: [Int]?
  /// What becomes of the room left.
  public var shape = DetectJob.Shape.square
  /// How sizes of scaled pictures are rounded.
  public var rounding = Rounding.down
  /// How pictures are scaled instead of as YOLOv5's `val` does.
  var scaling: Letterbox.Rule?
  /// Whether one anchor may give boxes of several classes.
  var isMultiLabel = true
  /// Least confidence, 0 ... 1.
  public var confidence: Float = 0.001
  /// Overlap above which the weaker of two boxes goes, 0 ... 1.
  public var overlap: Float = 0.6
  /// Most detections per picture.
  public var maxDetections = 300
  /// Whether a checkpoint's network is cast to half precision.
  public var half = false
  /// What runs the network; one thread per session unless it says otherwise.
  public var backend = BackendChoice()
  /// How many pictures are looked at at once; nil takes as many as there are processors for.
  public var workerCount: Int?
  /// Whether pictures that are not there or cannot be read are left out with a warning; otherwise
  /// they are an error.
  public var allowsMissing = false
  /// Where the detections go as COCO results.
  public var resultsFile: String?
  /// Resamples for confidence intervals; 0 computes none.
  public var resampleCount = 1000

  /// Creates a job.
  public init(model: String, data: String) {
    self.model = model
    self.data = data
  }

  /// Measures.
  /// - Throws: IDs of `dataset.`, `val.`, and what reading, building and running throw.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> AccuracyRecord {
    try await evaluate(progress: progress).record
  }

  /// The figures, and what they were computed from, to compare with another model's.
  struct Outcome {
    var record: AccuracyRecord
    let judge: AccuracyJudge
    let predictions: [[Prediction]]
  }

  func evaluate(progress: @escaping ProgressHandler) async throws -> Outcome {
    let start = ContinuousClock.now
    progress(.began(stage: "load", total: nil))
    let (network, warnings) = try await openNetwork()
    var source = try LabelledSource.open(
      data,
      pictureFolder: pictureFolder,
      keepsRegions: network.contract.task == .segment,
      leavesOutUnreadable: allowsMissing
    )
    try check(source.dataset, network.contract.task)
    if network.contract.task == .classify { try checkOptionsOfClassifiers() }
    let missing = try leaveOutMissing(&source)
    let classes = try ClassMap(model: network.contract.classNames, dataset: source.dataset)
    var course = Course(
      source: source,
      classes: classes,
      workers: workers,
      progress: progress,
      diagnostics: warnings + source.dataset.diagnostics + missing + classes.diagnostics
    )
    let loaded = ContinuousClock.now
    let pictures = counted(source.dataset.pictures.count, "picture")
    progress(.finished(summary: "\(pictures), \(network.contract.family) on \(backend.name)"))
    var record =
      switch network {
      case .detector(let detector): try await judge(detector, &course)
      case .classifier(let classifier): try await judge(classifier, &course)
      }
    record.model = String(model.split(separator: "/").last ?? "")
    record.backend = backend.name
    record.diagnostics = course.diagnostics
    let end = ContinuousClock.now
    var speed = course.times.speed(pictureCount: record.dataset.pictureCount, workers: workers)
    speed.seconds = (end - start).milliseconds / 1000
    speed.loadSeconds = (loaded - start).milliseconds / 1000
    speed.figureSeconds = (end - course.judged).milliseconds / 1000
    record.speed = speed
    progress(.finished(summary: record.words))
    return Outcome(
      record: record,
      judge: course.judge(resampleCount),
      predictions: course.predictions
    )
  }

  /// A report that holds a record.
  public func report(_ record: AccuracyRecord) throws -> Report {
    var report = try Report.begun(
      "val",
      model: model,
      imageSize: imageSize,
      environment: Machine.facts(backend)
    )
    report.accuracy = [record]
    report.diagnostics = record.diagnostics
    return report
  }

  /// One worker per processor, or per `threadCount` processors.
  private var workers: Int {
    workerCount ?? max(1, Machine.processorCount / max(1, backend.threadCount ?? 1))
  }

  /// A classifier needs classes of pictures, a detector labels of objects.
  private func check(_ dataset: Dataset, _ task: ModelContract.Task) throws {
    let hasClasses = dataset.format == .folder
    guard hasClasses != (task == .classify) else { return }
    throw DeployError(
      .validateWrongLabels,
      hasClasses
        ? "the folder says what each picture is, not what is in it, and the model detects"
        : "the labels say what is in each picture, and the model classifies whole pictures",
      at: .file(path: data),
      remedy: hasClasses
        ? "give a COCO annotation file or a data.yaml"
        : "give a folder with one folder of pictures per class"
    )
  }

  /// A classifier has no boxes: what is said about them would do nothing.
  private func checkOptionsOfClassifiers() throws {
    let usual = ValidateJob(model: model, data: data)
    let unused = [
      ("--rect", shape != usual.shape), ("--rounding", rounding != usual.rounding),
      ("--conf", confidence != usual.confidence), ("--iou", overlap != usual.overlap),
      ("--max-det", maxDetections != usual.maxDetections), ("--save-json", resultsFile != nil),
    ].first { $0.1 }
    guard let unused else { return }
    throw self.unused(
      unused.0,
      "the model classifies whole pictures and finds no boxes",
      "leave it out"
    )
  }

  /// Refuses pictures that are not there, or leaves them out where that is wanted.
  private func leaveOutMissing(_ source: inout LabelledSource) throws -> [Diagnostic] {
    guard case .files = source.pictures else { return [] }
    let missing = source.dataset.pictures.filter { !FileAccess.isReadable($0.path) }
    guard let first = missing.first else { return [] }
    let message = "\(missing.count) of \(source.dataset.pictures.count) pictures are not there"
    guard allowsMissing, missing.count < source.dataset.pictures.count else {
      throw DeployError(
        .datasetMissingPictures,
        message,
        at: .file(path: first.path),
        remedy: "name their folder with --images, or measure the others with --allow-missing"
      )
    }
    let gone = Set(missing.map(\.identifier))
    source.dataset.pictures.removeAll { gone.contains($0.identifier) }
    return [
      Diagnostic(
        .warning,
        .datasetMissingPictures,
        message + " and are left out with their labels",
        at: .file(path: first.path),
        remedy: "compare the figures only with others of the same pictures"
      )
    ]
  }
}

extension AccuracyRecord {
  /// The figures in one line, for people.
  var words: String {
    if let classification {
      let figures = [classification.top1, classification.top5]
      return figures.map { "\($0.name) \(rounded($0.value))" }.joined(separator: ", ")
    }
    return boxes?.words ?? ""
  }

  private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}
