import Detectors
import Diagnostics
import Files
import FoundationEssentials
import Graphs
import Images
import Metrics
import Models
import Passes
public import Reports

/// The whole chain: checkpoint → ONNX file → proof → detections → measurement → report.
public struct DeployJob: Sendable {
  /// A checkpoint or an ONNX file.
  public var model: String
  /// Pictures, folders or globs.
  public var images: [String]
  /// The folder to write into.
  public var output: String
  /// Input height and width in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// When a detection counts.
  public var thresholds = DetectJob.Thresholds()
  /// What runs the network.
  public var backend = BackendChoice()
  /// The ONNX opset.
  public var opset = 17
  /// The most pictures shown in the report; the others are in `detections.json` only.
  public var previewLimit = 24
  /// The folder that remembers what the machine can do; nil measures it anew.
  public var peakCache: String?
  /// The most pictures in the report's timeline.
  public var traceLimit = 3

  /// Creates a job.
  public init(model: String, images: [String], output: String) {
    self.model = model
    self.images = images
    self.output = output
  }

  /// Runs every stage and writes `detections.json`, `report.json`, `report.html`, the annotated
  /// pictures and, from a checkpoint, the ONNX file.
  /// - Returns: the report. A check that fails is in it, not an error.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> Report {
    let paths = try ImageSource.paths(images)
    // A model that is refused leaves no folder behind.
    var report = try Report.begun(
      "deploy",
      model: model,
      imageSize: imageSize,
      environment: Machine.facts(backend)
    )
    try Folder.create(output)
    let recorder = StageRecorder(progress)
    let (file, exported) = try export(recorder.handler)
    if let exported { report.graph = try summary(of: exported) }
    report.diagnostics += exported?.diagnostics ?? []

    var check = CheckJob(model: file)
    check.against = exported == nil ? nil : model
    check.backend = backend
    check.images = Array(paths.prefix(1))
    check.inputs = .pictures
    check.imageSize = imageSize
    let verdict = try await check.run(progress: recorder.handler)
    report.checks = verdict.checks
    report.diagnostics += verdict.diagnostics

    let found = try await detect(file, paths, &report, recorder.handler)

    let measurement = Measurement(model: file, backend: backend, imageSize: imageSize)
    report.latency = try await measurement.run(progress: recorder.handler)
    report.timelines = try await timelines(file, paths)
    try await explain(&report, recorder.handler)
    report.stages = recorder.stages
    try write(report, found)
    return report
  }

  /// Where the time goes, and the network from its modules to the layers that took it. What the
  /// backend does not tell is a note, not an error: nothing above depends on it.
  private func explain(_ report: inout Report, _ progress: @escaping ProgressHandler) async throws {
    var profile = ProfileJob(model: model)
    profile.backend = backend
    profile.imageSize = imageSize
    profile.runCount = 10
    profile.peakCache = peakCache
    var structure = StructureJob(model: model)
    structure.imageSize = imageSize
    do {
      let found = try await profile.run(progress: progress).profile
      report.profiles = [found]
      structure.profile = found
    } catch let error as DeployError {
      report.diagnostics += error.diagnostics.map { diagnostic in
        var note = diagnostic
        note.severity = .note
        return note
      }
    }
    report.structure = try structure.run()
  }

  /// The first pictures once more, with everything timed.
  private func timelines(_ file: String, _ paths: [String]) async throws -> [Timeline] {
    let shown = Array(paths.prefix(traceLimit))
    var detect = DetectJob(model: file, sources: shown)
    detect.imageSize = imageSize
    detect.thresholds = thresholds
    detect.backend = backend
    // The times of single pictures are reported: nothing else may run beside them.
    detect.stream = .off
    let recorder = TimelineRecorder("detect, \(counted(shown.count, "picture"))")
    detect.recorder = recorder
    _ = try await detect.run()
    return [recorder.timeline]
  }

  /// What is found in the pictures.
  private func detect(
    _ file: String,
    _ paths: [String],
    _ report: inout Report,
    _ progress: ProgressHandler
  ) async throws -> DetectResult {
    var detect = DetectJob(model: file, sources: paths)
    detect.imageSize = imageSize
    detect.thresholds = thresholds
    detect.backend = backend
    // The times of single pictures are reported: nothing else may run beside them.
    detect.stream = .off
    detect.annotatedFolder = output + "/pictures"
    let found = try await detect.run(progress: progress)
    report.diagnostics += found.diagnostics
    report.pictures = try records(of: found)
    return found
  }

  /// The ONNX file to go on with: exported from a checkpoint, or the given one.
  private func export(_ progress: ProgressHandler) throws -> (String, ExportResult?) {
    guard !model.lowercased().hasSuffix(".onnx") else { return (model, nil) }
    var options = ExportOptions()
    options.opset = opset
    options.imageSize = imageSize
    options.dynamic = .size
    let name = ExportJob.defaultOutput(for: String(model.split(separator: "/").last ?? "model"))
    let job = ExportJob(model: model, output: "\(output)/\(name)", options: options)
    let result = try job.run(progress: progress)
    return (result.output, result)
  }

  private func summary(of exported: ExportResult) throws -> GraphSummary {
    GraphSummary(
      operatorsBefore: exported.operatorsBefore,
      operatorsAfter: exported.operatorsAfter,
      patches: exported.patches
    )
  }

  private func records(of found: DetectResult) throws -> [Picture] {
    try found.pictures.enumerated().map { index, picture in
      var record = Picture(
        name: String(picture.path.split(separator: "/").last ?? ""),
        width: picture.width,
        height: picture.height,
        detections: picture.detections,
        preprocessMilliseconds: picture.preprocessMilliseconds,
        inferenceMilliseconds: picture.inferenceMilliseconds,
        postprocessMilliseconds: picture.postprocessMilliseconds
      )
      record.classes = picture.classes
      if index < previewLimit {
        let image = try ImageReader().read(picture.path)
          .annotated(with: picture, classNames: found.classNames)
        record.preview = try image.shrunk(toFit: 960).jpegBytes()
      }
      return record
    }
  }

  private func write(_ report: Report, _ found: DetectResult) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(found)), to: output + "/detections.json")
    try AtomicFile.write(Array(try encoder.encode(report)), to: output + "/report.json")
    try AtomicFile.write(
      ReportPages(cache: backend.cache).html([report]),
      to: output + "/report.html"
    )
  }
}

extension ImportOptions {
  init(imageSize: [Int]?) {
    self.init()
    self.imageSize = imageSize
  }
}
