public import ArgumentParser
import Detectors
import Diagnostics
import Metrics
public import Pipelines

/// `vitrine detect`: pictures → boxes.
struct Detect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds objects in pictures, or classifies them, as the network does.",
    discussion: """
      Sources are pictures (JPEG, PNG, WebP, BMP; EXIF orientation is respected), folders and globs.

      EXAMPLES
        vitrine detect yolov5s.onnx bus.jpg
        vitrine detect yolov5s.pt photos/ --conf 0.4 --save out/
        vitrine detect yolov5s.onnx 'shots/*.png' --json > detections.json
        vitrine detect yolov5s.onnx photos/ --trace trace.json   (Perfetto opens it)
        vitrine detect yolov5s.onnx bus.jpg --classes 0 5 --save-txt out/labels --save-crop out/crops
      """
  )

  @Argument(help: "A checkpoint (.pt) or an ONNX file.", completion: .file())
  var model: String

  @Argument(help: "Pictures, folders or globs.", completion: .file())
  var sources: [String]

  @OptionGroup var size: SizeOptions
  @OptionGroup var thresholds: ThresholdOptions
  @OptionGroup var backend: BackendOptions

  @Flag(
    help:
      "Pad to the smallest fitting rectangle (default where the model allows it) or to a square."
  )
  var shape: DetectJob.Shape = .rect

  @Option(name: .long, help: "Write annotated pictures into this folder.", completion: .directory)
  var save: String?

  @Option(
    name: .customLong("save-txt"),
    help: "Write YOLO label files (class, centre, size, confidence) into this folder.",
    completion: .directory
  )
  var saveText: String?

  @Option(
    name: .customLong("save-crop"),
    help: "Write each object as a picture into this folder.",
    completion: .directory
  )
  var saveCrop: String?

  @Option(
    name: .long,
    help: "Write what happened when, layers included, as a Chrome trace. Tracing costs time.",
    completion: .file()
  )
  var trace: String?

  @OptionGroup var common: OutputOptions

  func run() async throws {
    try OutputFile.check([trace], inputs: [model] + sources)
    var job = DetectJob(model: model, sources: sources)
    job.imageSize = size.resolved
    job.shape = shape
    job.thresholds = thresholds.values
    job.backend = backend.choice
    job.annotatedFolder = save
    job.labelFolder = saveText
    job.cropFolder = saveCrop
    let recorder = trace.map { _ in TimelineRecorder("vitrine detect") }
    job.recorder = recorder
    let result = try await job.run(progress: common.progress)
    if let trace, let recorder { try TraceFile.write([recorder.timeline], to: trace) }
    guard !common.json else { return try JSONOutput.print(result) }
    for note in result.diagnostics { Terminal.warn(note.description) }
    for picture in result.pictures { Terminal.print(picture.line(classNames: result.classNames)) }
    if result.pictures.count > 1 {
      let count = result.pictures.reduce(0) { $0 + $1.detections.count }
      Terminal.print("\(result.pictures.count) pictures, \(count) object\(count == 1 ? "" : "s")")
    }
  }
}

extension DetectJob.Shape: EnumerableFlag {}

extension ThresholdOptions {
  /// The thresholds as the pipelines take them.
  var values: DetectJob.Thresholds {
    var values = DetectJob.Thresholds()
    values.confidence = confidence
    values.overlap = overlap
    values.maxDetections = maxDet
    values.classes = classes
    values.isAgnostic = agnostic
    return values
  }
}

extension DetectResult.Picture {
  /// `bus.jpg  640×480  4 person, 1 bus  12.3 ms (1.0 + 10.9 + 0.4)`.
  func line(classNames: [String]) -> String {
    func name(_ index: Int) -> String {
      index < classNames.count ? classNames[index] : "class \(index)"
    }
    var counts: [Int: Int] = [:]
    for detection in detections { counts[detection.classIndex, default: 0] += 1 }
    let found =
      classes.map {
        $0.map { "\(name($0.classIndex)) \(decimal(Double($0.probability) * 100, 1)) %" }
      }
      ?? counts.sorted { $0.key < $1.key }.map { "\($0.value) \(name($0.key))" }
    let total = preprocessMilliseconds + inferenceMilliseconds + postprocessMilliseconds
    let parts = [preprocessMilliseconds, inferenceMilliseconds, postprocessMilliseconds]
      .map { decimal($0, 1) }.joined(separator: " + ")
    let text = found.isEmpty ? "nothing found" : found.joined(separator: ", ")
    return "\(path)  \(Style.bold(text))  \(Style.dim("\(decimal(total, 1)) ms (\(parts))"))"
  }
}
