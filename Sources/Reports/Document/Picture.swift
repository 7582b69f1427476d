public import Detectors

/// One picture and what was found in it.
public struct Picture: Sendable, Codable {
  /// The picture's file name.
  public var name: String
  /// Width in pixels, after EXIF orientation.
  public var width: Int
  /// Height in pixels, after EXIF orientation.
  public var height: Int
  /// What was found, the surest first.
  public var detections: [Detection]
  /// The likeliest classes of the whole picture, the surest first, where the network classifies.
  public var classes: [ClassScore]?
  /// Time to prepare the input, in milliseconds.
  public var preprocessMilliseconds: Double
  /// Time in the engine, in milliseconds.
  public var inferenceMilliseconds: Double
  /// Time to decode and suppress, in milliseconds.
  public var postprocessMilliseconds: Double
  /// The annotated picture as a JPEG file, for reports that stand alone; not part of the JSON.
  public var preview: [UInt8] = []

  /// Creates a record.
  public init(
    name: String,
    width: Int,
    height: Int,
    detections: [Detection],
    preprocessMilliseconds: Double,
    inferenceMilliseconds: Double,
    postprocessMilliseconds: Double
  ) {
    self.name = name
    self.width = width
    self.height = height
    self.detections = detections
    self.preprocessMilliseconds = preprocessMilliseconds
    self.inferenceMilliseconds = inferenceMilliseconds
    self.postprocessMilliseconds = postprocessMilliseconds
  }

  private enum CodingKeys: String, CodingKey {
    case name
    case width
    case height
    case detections
    case classes
    case preprocessMilliseconds
    case inferenceMilliseconds
    case postprocessMilliseconds
  }
}

/// The latency of repeated runs of the engine.
public struct LatencyRecord: Sendable, Codable {
  /// The backend.
  public var backend: String
  /// Threads inside one run; 0 where the backend chose.
  public var threadCount: Int
  /// The input's shape.
  public var inputShape: [Int]
  /// Runs that were timed.
  public var runCount: Int
  /// Runs before them that were not.
  public var warmUpCount: Int
  /// Half of the runs were at most this long, in milliseconds (nearest rank).
  public var p50: Double
  /// Nine of ten runs were at most this long, in milliseconds.
  public var p90: Double
  /// The shortest run, in milliseconds.
  public var minimum: Double

  /// Creates a record.
  public init(
    backend: String,
    threadCount: Int,
    inputShape: [Int],
    runCount: Int,
    warmUpCount: Int,
    p50: Double,
    p90: Double,
    minimum: Double
  ) {
    self.backend = backend
    self.threadCount = threadCount
    self.inputShape = inputShape
    self.runCount = runCount
    self.warmUpCount = warmUpCount
    self.p50 = p50
    self.p90 = p90
    self.minimum = minimum
  }
}
