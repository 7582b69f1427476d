/// Which frame of a video a picture is.
public struct VideoFrame: Sendable, Hashable, Codable {
  /// Its place among all frames, from 0.
  public var index: Int
  /// When it is shown, in seconds after the first one.
  public var seconds: Double

  /// Creates a frame.
  public init(index: Int, seconds: Double) {
    self.index = index
    self.seconds = seconds
  }
}

/// What is known about a video before it is read through.
public struct VideoInfo: Sendable, Hashable, Codable {
  /// Width of the first frame in pixels, upright.
  public var width: Int
  /// Height of the first frame in pixels, upright.
  public var height: Int
  /// Frames per second, on average, where the file tells or lets guess.
  public var frameRate: Double
  /// How many frames there should be, where the file tells or lets guess.
  public var frameCount: Int?
  /// How long it should be, where the file tells.
  public var seconds: Double?
  /// How far the frames are turned for being shown, clockwise, in degrees; mirroring not counted.
  public var rotation: Int
  /// Whether there is sound, which is not read.
  public var hasAudio: Bool
}
