import Backends
import Datasets
import Detectors
import Diagnostics
import Files
import Graphs
import Images
public import Metrics
import Models
import Passes

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
    let start = ContinuousClock.now
    progress(.began(stage: "load", total: nil))
    var source = try LabelledSource.open(data, pictureFolder: pictureFolder)
    var notes = source.dataset.diagnostics
    notes += try leaveOutMissing(&source)
    let (detector, warnings) = try await makeDetector()
    notes += warnings + detector.diagnostics
    let classes = try ClassMap(model: detector.contract.classNames, dataset: source.dataset)
    notes += classes.diagnostics
    let loaded = ContinuousClock.now
    let pictures = counted(source.dataset.pictures.count, "picture")
    progress(.finished(summary: "\(pictures), \(detector.contract.family) on \(backend.name)"))

    let run = InferenceRun(detector: detector, source: source, classes: classes)
    let found = try await run.run(workers: workers, allowsMissing: allowsMissing, progress)
    source.dataset.pictures = found.kept.map { source.dataset.pictures[$0] }
    notes += found.diagnostics

    let inferred = ContinuousClock.now
    progress(.began(stage: "judge", total: nil))
    if let resultsFile {
      try ResultsWriter.write(found.predictions, of: source.dataset, to: resultsFile)
    }
    var judge = AccuracyJudge(source.dataset)
    judge.resampleCount = resampleCount
    judge.workerCount = Machine.processorCount
    var record = AccuracyRecord(task: "detect", dataset: judge.summary)
    record.model = String(model.split(separator: "/").last ?? "")
    record.backend = backend.name
    record.rules = rules(detector)
    record.boxes = try await judge.accuracy(of: found.predictions)
    record.diagnostics = notes
    let end = ContinuousClock.now
    var speed = found.speed(workers: workers)
    speed.seconds = (end - start).milliseconds / 1000
    speed.loadSeconds = (loaded - start).milliseconds / 1000
    speed.figureSeconds = (end - inferred).milliseconds / 1000
    record.speed = speed
    progress(.finished(summary: record.boxes?.words ?? ""))
    return record
  }

  /// One worker per processor, or per `threadCount` processors.
  private var workers: Int {
    workerCount ?? max(1, Machine.processorCount / max(1, backend.threadCount ?? 1))
  }

  private func rules(_ detector: Detector) -> AccuracyRules {
    AccuracyRules(
      imageSize: [detector.letterbox.height, detector.letterbox.width],
      shape: detector.letterbox.fit == .square ? "square" : "rect",
      resizing: detector.letterbox.rule.rawValue,
      confidence: Double("\(confidence)") ?? Double(confidence),
      overlap: Double("\(overlap)") ?? Double(overlap),
      maxDetections: maxDetections,
      isMultiLabel: detector.suppression.isMultiLabel,
      precision: half ? "float16" : "as the file has it"
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

  /// The detector with the rules of an evaluation.
  private func makeDetector() async throws -> (Detector, [Diagnostic]) {
    var options = Detector.Options()
    options.rule = rounding == .down ? .earlyEvaluation : .evaluation
    options.fit = shape == .rect ? .minimumRectangle : .square
    options.imageSize = imageSize
    options.suppression = .evaluation
    options.suppression.confidenceThreshold = confidence
    options.suppression.iouThreshold = Double("\(overlap)") ?? Double(overlap)
    options.suppression.maxDetections = maxDetections
    var choice = backend
    choice.threadCount = backend.threadCount ?? 1
    let engine = try choice.open()
    var importOptions = ImportOptions()
    importOptions.dynamic = shape == .rect ? .size : .none
    importOptions.imageSize = imageSize
    let (graph, notes) = try ModelSource.open(model).graph(importOptions)
    let plan: any Plan
    if model.lowercased().hasSuffix(".onnx"), !half, let runtime = engine as? any FileBackend {
      plan = try runtime.load(
        onnxFile: model,
        configuration: choice.configuration,
        contract: graph.contract
      )
    } else {
      let passes = PassCatalog.export.passes + (half ? [CastToHalf()] : [])
      let optimised = try PassManager(passes).run(on: graph).graph
      plan = try await engine.build(optimised, configuration: choice.configuration).plan
    }
    return (try Detector(plan: plan, contract: graph.contract, options: options), notes)
  }
}
