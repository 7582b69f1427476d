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

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Work on several pictures at a time: auto, off (one after the other), or how many sessions of \
      the network run side by side. Results are the same.
      """,
      valueName: "auto|off|n"
    )
  )
  var stream = DetectJob.Stream.automatic

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
    job.stream = stream
    let recorder = trace.map { _ in TimelineRecorder("vitrine detect") }
    job.recorder = recorder
    let result = try await job.run(progress: common.progress)
    if let trace, let recorder { try TraceFile.write([recorder.timeline], to: trace) }
    guard !common.json else { return try JSONOutput.print(result) }
    for note in result.diagnostics { Terminal.warn(note.description) }
    for picture in result.pictures { Terminal.print(picture.line(classNames: result.classNames)) }
    if result.pictures.count > 1 { Terminal.print(result.totals) }
  }
}

extension DetectJob.Shape: EnumerableFlag {}

extension DetectJob.Stream: ExpressibleByArgument {
  /// `auto`, `off` or a number of sessions.
  public init?(argument: String) {
    switch argument {
    case "auto": self = .automatic
    case "off": self = .off
    default:
      guard let count = Int(argument), (1...64).contains(count) else { return nil }
      self = .sessions(count)
    }
  }

  /// How the default stands in the help.
  public var defaultValueDescription: String { "auto" }
}

extension DetectResult {
  /// `188 pictures, 1672 objects, 3.1 s, 60.2 pictures/s with 2 sessions`.
  var totals: String {
    let count = pictures.reduce(0) { $0 + $1.detections.count }
    var parts = ["\(pictures.count) pictures", "\(count) object\(count == 1 ? "" : "s")"]
    if let run, run.elapsedMilliseconds > 0 {
      let seconds = run.elapsedMilliseconds / 1000
      parts.append("\(decimal(seconds, 1)) s")
      var rate = "\(decimal(Double(pictures.count) / seconds, 1)) pictures/s"
      if let sessions = run.streamSessions {
        rate += " with \(sessions) session\(sessions == 1 ? "" : "s")"
      }
      parts.append(rate)
    }
    return parts.joined(separator: ", ")
  }
}

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
