public import ArgumentParser
import Detectors
import Diagnostics
import Metrics
public import Pipelines

/// `vitrine detect`: pictures or a video → boxes.
struct Detect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds objects in pictures or a video, or classifies them, as the network does.",
    discussion: """
      Sources are pictures (JPEG, PNG, WebP, BMP; EXIF orientation is respected), folders and globs;
      or one video (MP4, MOV, Matroska, WebM, AVI and others), which needs FFmpeg's libraries: Scripts/setup
      video. Frames are looked at as they are shown: turned as the file says, with the time at which they are.

      EXAMPLES
        vitrine detect yolov5s.onnx bus.jpg
        vitrine detect yolov5s.pt photos/ --conf 0.4 --save out/
        vitrine detect yolov5s.onnx 'shots/*.png' --json > detections.json
        vitrine detect yolov5s.onnx photos/ --trace trace.json   (Perfetto opens it)
        vitrine detect yolov5s.onnx bus.jpg --classes 0 5 --save-txt out/labels --save-crop out/crops
        vitrine detect yolov5s.onnx clip.mp4 -o out.mp4
        vitrine detect yolov5s.onnx clip.mp4 --every 5 --json > detections.json
      """
  )

  @Argument(help: "A checkpoint (.pt), an ONNX file or a plan.", completion: .file())
  var model: String

  @Argument(help: "Pictures, folders or globs; or one video.", completion: .file())
  var sources: [String]

  @OptionGroup var size: SizeOptions
  @OptionGroup var thresholds: ThresholdOptions
  @OptionGroup var backend: BackendOptions

  @Flag(
    help:
      "Pad to the smallest fitting rectangle (default where the model allows it) or to a square."
  )
  var shape: DetectJob.Shape = .rect

  @Option(
    name: .long,
    help: "Write annotated pictures (of a video: frames) into this folder.",
    completion: .directory
  )
  var save: String?

  @Option(
    name: [.long, .short],
    help: "Write the annotated video, without sound: .mp4, .mov, .mkv or .avi.",
    completion: .file()
  )
  var output: String?

  @Option(name: .long, help: "Look at every n-th frame of a video; only these are written.")
  var every = 1

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

  @OptionGroup var rebuilding: RebuildOptions
  @OptionGroup var common: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(every) else {
      throw ValidationError("--every must lie between 1 and 1000000, not \(every)")
    }
  }

  func run() async throws {
    try OutputFile.check([trace], inputs: [model] + sources)
    try await rebuilding.refresh(model, common)
    var job = DetectJob(model: model, sources: sources)
    job.imageSize = size.resolved
    job.shape = shape
    job.thresholds = thresholds.values
    job.backend = backend.choice
    job.annotatedFolder = save
    job.labelFolder = saveText
    job.cropFolder = saveCrop
    job.stream = stream
    job.output = output
    job.every = every
    let recorder = trace.map { _ in TimelineRecorder("vitrine detect") }
    job.recorder = recorder
    let result = try await job.run(progress: common.progress)
    if let trace, let recorder { try TraceFile.write([recorder.timeline], to: trace) }
    guard !common.json else { return try JSONOutput.print(result) }
    for note in result.diagnostics { Terminal.warn(note.description) }
    guard result.video == nil else { return Terminal.print(result.videoLines) }
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
