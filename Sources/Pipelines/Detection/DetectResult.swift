public import Detectors
public import Diagnostics
public import Videos

/// What was found in a set of pictures: the content of `detections.json`.
public struct DetectResult: Sendable, Codable {
  /// One picture.
  public struct Picture: Sendable, Codable {
    /// The picture's path as given or found; the video's for a frame.
    public var path: String
    /// Which frame of the video it is, from 0.
    public var frame: Int?
    /// When the frame is shown, in seconds after the first one.
    public var seconds: Double?
    /// Width in pixels, after EXIF orientation.
    public var width: Int
    /// Height in pixels, after EXIF orientation.
    public var height: Int
    /// Height and width of the network's input in pixels.
    public var inputSize: [Int]
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
  }

  /// The video whose frames the pictures are.
  public struct Video: Sendable, Hashable, Codable {
    /// Its path as given.
    public var path: String
    /// What its file says.
    public var info: VideoInfo
    /// Which frames were looked at: every one, every second ….
    public var every: Int
    /// Where the annotated video was written; it has no sound.
    public var output: String?
    /// What compressed it, by FFmpeg's name.
    public var encoder: String?
  }

  /// How the pictures were worked through.
  public struct Run: Sendable, Hashable, Codable {
    /// From the first picture's decoding to the last one's results, in milliseconds.
    public var elapsedMilliseconds: Double
    /// Sessions that ran side by side in a stream of pictures; nil where each picture was finished
    /// before the next was begun. In a stream, the times of single pictures overlap.
    public var streamSessions: Int?
    /// Threads inside one run of the network; nil where the backend chose.
    public var threadsPerSession: Int?
  }

  /// The version of this layout.
  public var schemaVersion = 1
  /// The model's path as given.
  public var model: String
  /// The backend that ran it.
  public var backend: String
  /// Class names by class index.
  public var classNames: [String]
  /// The pictures, in the order of the sources.
  public var pictures: [Picture] = []
  /// The video that they are frames of.
  public var video: Video?
  /// How they were worked through.
  public var run: Run?
  /// Warnings and notes.
  public var diagnostics: [Diagnostic] = []

  private enum CodingKeys: String, CodingKey {
    case schemaVersion
    case model
    case backend
    case classNames
    case pictures
    case video
    case run
    case diagnostics
  }
}
