import Backends
import Detectors
import Diagnostics
import Files
import Graphs
import Images
public import Metrics
import Models
import Passes

/// Pictures → detections.
public struct DetectJob: Sendable {
  /// What becomes of the room that a picture's shape leaves.
  public enum Shape: String, Sendable, CaseIterable {
    /// Padded to the next multiple of the stride.
    case rect
    /// Padded to a square.
    case square
  }

  /// When a detection counts.
  public struct Thresholds: Sendable {
    /// Least confidence, 0 ... 1.
    public var confidence: Float = 0.25
    /// Overlap above which the weaker of two boxes goes, 0 ... 1.
    public var overlap: Float = 0.45
    /// Most detections per picture.
    public var maxDetections = 1000
    /// Only these classes; empty means all.
    public var classes: [Int] = []
    /// Whether boxes of different classes suppress each other.
    public var isAgnostic = false
    /// Creates the defaults of YOLOv5's detection command.
    public init() {}

    var suppression: Detectors.NonMaxSuppression {
      var suppression = Detectors.NonMaxSuppression()
      suppression.confidenceThreshold = confidence
      // The threshold as the decimal number that was written, not as its nearest float.
      suppression.iouThreshold = Double("\(overlap)") ?? Double(overlap)
      suppression.maxDetections = maxDetections
      suppression.classes = classes.isEmpty ? nil : classes
      suppression.isClassAgnostic = isAgnostic
      return suppression
    }
  }

  /// The model's path.
  public var model: String
  /// Pictures, folders or globs; or one video.
  public var sources: [String]
  /// Height and width in pixels to fit into; nil takes the model's.
  public var imageSize: [Int]?
  /// What becomes of the room left.
  public var shape = Shape.rect
  /// When a detection counts.
  public var thresholds = Thresholds()
  /// What runs the network.
  public var backend = BackendChoice()
  /// Where annotated pictures go.
  public var annotatedFolder: String?
  /// Where label files go.
  public var labelFolder: String?
  /// Where the objects go, each a picture.
  public var cropFolder: String?
  /// Where the annotated video goes, where the source is one.
  public var output: String?
  /// Which frames of a video are looked at: every one, every second ….
  public var every = 1
  /// Whether pictures are worked on in a stream.
  public var stream = Stream.automatic
  /// What records when what happened; layers too, where the backend times them, which costs time.
  public var recorder: TimelineRecorder?

  /// Creates a job.
  public init(model: String, sources: [String]) {
    self.model = model
    self.sources = sources
  }

  /// Detects.
  /// - Throws: what reading, building and running throw. A picture that cannot be read is a
  ///   warning in the result where there are others, and an error where it is the only one.
  public func run(progress: ProgressHandler = { _ in }) async throws -> DetectResult {
    if hasVideo { return try await runVideo(progress: progress) }
    try checkOptionsOfPictures()
    let paths = try ImageSource.paths(sources)
    var job = self
    job.settleStream(count: paths.count)
    return try await job.run(paths, progress: progress)
  }

  private func run(_ paths: [String], progress: ProgressHandler) async throws -> DetectResult {
    let network = try await load(progress)
    let writer = try PictureWriter(self, classNames: network.contract.classNames, paths: paths)
    let flow = flow(network, loadingFiles(paths), writer, count: paths.count)
    var result = emptyResult(network)
    try await work(flow, total: paths.count, &result, progress)
    result.diagnostics += network.sessionNotes
    progress(.finished(summary: result.summary(network.contract.task)))
    return result
  }

  /// Loads the network and checks the options against it.
  func load(_ progress: ProgressHandler) async throws -> Network {
    progress(.began(stage: "load", total: nil))
    let loading = ContinuousClock.now
    let network = try await makeNetwork()
    progress(.finished(summary: "\(network.contract.family) on \(backend.name)"))
    try checkClasses(network.contract.classNames)
    if network.contract.task == .classify { try checkOptionsOfClassifiers() }
    if let recorder { PipelineTracer(recorder).add("load the model", .load, from: loading) }
    return network
  }

  /// What is known before the first picture.
  func emptyResult(_ network: Network) -> DetectResult {
    var result = DetectResult(
      model: model,
      backend: backend.name,
      classNames: network.contract.classNames
    )
    result.diagnostics = network.diagnostics
    return result
  }

  /// Works through all pictures and adds what was found.
  func work(
    _ flow: PictureFlow,
    total: Int?,
    _ result: inout DetectResult,
    _ progress: ProgressHandler
  ) async throws {
    progress(.began(stage: "detect", total: total))
    let start = ContinuousClock.now
    var (pictures, refusals) = ([DetectResult.Picture](), [Diagnostic]())
    try await flow.run(sessions: stream.sessionCount) { item in
      if let picture = item.picture { pictures.append(picture) }
      if let refusal = item.refusal { refusals.append(refusal) }
      progress(.advanced(item.number + 1))
    }
    if pictures.isEmpty, let first = refusals.first {
      throw DeployError(
        .detectNothingRead,
        "none of \(counted(refusals.count, "picture")) can be read",
        at: first.location,
        remedy: first.remedy,
        notes: refusals
      )
    }
    result.pictures = pictures
    result.diagnostics += refusals
    result.run = DetectResult.Run(
      elapsedMilliseconds: (ContinuousClock.now - start).milliseconds,
      streamSessions: stream.sessionCount,
      threadsPerSession: threadCount
    )
  }

  private func loadingFiles(_ paths: [String]) -> PictureFlow.MakeLoad {
    {
      let reader = ImageReader()
      return { number, item in
        guard number < paths.count else { return false }
        item.path = paths[number]
        try reader.read(item.path, into: &item.image)
        return true
      }
    }
  }

  private func flow(
    _ network: Network,
    _ makeLoad: @escaping PictureFlow.MakeLoad,
    _ writer: PictureWriter,
    count: Int
  ) -> PictureFlow {
    let write: PictureFlow.Write = { try writer.write($0.image, $1, $0.number) }
    return PictureFlow(
      makeLoad: makeLoad,
      makeAnswer: { tracer in try network.answerer(tracer) },
      write: writer.writes ? write : nil,
      forgives: { error in count > 1 && error.isAboutPicture },
      recorder: recorder,
      engine: backend.name
    )
  }

  /// A classifier has no boxes: what is said about them would do nothing.
  private func checkOptionsOfClassifiers() throws {
    let usual = Thresholds()
    let unused = [
      ("--conf", thresholds.confidence != usual.confidence),
      ("--iou", thresholds.overlap != usual.overlap),
      ("--max-det", thresholds.maxDetections != usual.maxDetections),
      ("--classes", !thresholds.classes.isEmpty), ("--agnostic", thresholds.isAgnostic),
      ("--square", shape == .square), ("--save-crop", cropFolder != nil),
    ].first { $0.1 }
    guard let unused else { return }
    throw DeployError(
      .detectUnusedOption,
      "has no effect: the model classifies whole pictures and finds no boxes",
      at: .option(unused.0),
      remedy: "leave it out"
    )
  }

  /// A class that the model does not have would only ever find nothing.
  private func checkClasses(_ names: [String]) throws {
    guard !names.isEmpty,
      let unknown = thresholds.classes.first(where: { !names.indices.contains($0) })
    else { return }
    throw DeployError(
      .detectUnknownClass,
      "the model has no class \(unknown)",
      at: .option("--classes"),
      remedy: "give indices from 0 to \(names.count - 1); `vitrine inspect` lists the classes"
    )
  }
}

extension DeployError {
  /// The first diagnostic as a warning.
  func asWarning(about path: String) -> Diagnostic {
    var diagnostic = inFile(path).diagnostics[0]
    diagnostic.severity = .warning
    return diagnostic
  }
}

extension Diagnostic.ID {
  /// A class index that the model does not have.
  static let detectUnknownClass: Self = "detect.unknown-class"
  /// Pictures of which not one can be read.
  static let detectNothingRead: Self = "detect.nothing-read"
  /// An option that does nothing for the model.
  static let detectUnusedOption: Self = "detect.unused-option"
}
