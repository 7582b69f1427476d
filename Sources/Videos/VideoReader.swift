import CVideoCodecs
public import Diagnostics
import Files
public import Images

/// Reads the frames of a video as RGB pictures, upright.
///
/// - Only files are read, and only as kinds of video that hold their frames themselves: play lists
///   and other files that name further files or addresses are not followed.
/// - A damaged packet costs its frame, and a file that is cut off ends early; both are warnings.
///   A file without a single readable frame is an error.
/// - Sound is not read. Pixels are taken as square.
///
/// One caller at a time; on which thread does not matter.
public final class VideoReader: @unchecked Sendable {
  // Sendable by that rule: nothing in here is shared with another reader.

  /// What is refused.
  public struct Limits: Sendable, Hashable {
    /// Width · height of a frame.
    public var pixelCount = 1 << 26
    /// How many packets in a row may be damaged or bring no frame.
    public var uselessPackets = 2000
    /// Creates the default limits.
    public init() {}
  }

  /// The file's path.
  public let path: String
  /// What was known before reading.
  public private(set) var info: VideoInfo
  /// What was wrong with the file so far.
  public private(set) var warnings: [Diagnostic] = []
  private let limits: Limits
  private let input: VideoInput
  private let scaler: FrameScaler
  private var orientation = Orientation.upright
  private var unturned = Image(width: 0, height: 0)
  /// Whether the first frame was decoded and not yet given out.
  private var holdsFirst = false
  private var nextIndex = 0
  private var lastSeconds = -1.0
  private var isOver = false

  /// Opens a video and decodes its first frame.
  /// - Parameter threads: how many decode.
  /// - Throws: `video.library-missing`, `video.unsupported`, `video.corrupt`, `video.invalid-size`,
  ///   and IDs of `file.`
  public init(path: String, threads: Int = 1, limits: Limits = Limits()) throws {
    let functions = try VideoLibrary.functions()
    // Whatever is no readable regular file is refused here, in words.
    _ = try MappedFile(path: path)
    self.path = path
    self.limits = limits
    input = try VideoInput(path, functions, threads: threads, limits)
    scaler = FrameScaler(functions)
    info = VideoInfo(
      width: 0,
      height: 0,
      frameRate: input.frameRate,
      frameCount: input.frameCount,
      seconds: input.seconds,
      rotation: 0,
      hasAudio: input.hasAudio
    )
    guard try input.decode() else {
      throw VideoFailure.corrupt(path, "holds no frame that can be decoded")
    }
    holdsFirst = true
    if let data = functions.av_frame_get_side_data(input.frame, Int32(VIDEO_FRAME_DISPLAY_MATRIX)),
      let matrix = video_side_data_matrix(data)
    {
      orientation = Orientation(displayMatrix: matrix)
    }
    let size = try frameSize()
    let swapsAxes = orientation.rotation % 180 != 0
    info.width = swapsAxes ? size.height : size.width
    info.height = swapsAxes ? size.width : size.height
    info.rotation = orientation.rotation
  }

  /// Decodes the next frame into `image`, whose memory is used again.
  /// - Parameter every: how many frames to go on: 1 gives each, 3 gives frames 0, 3, 6 ….
  /// - Returns: nil at the end.
  /// - Throws: `video.corrupt`, `video.invalid-size`.
  public func next(every: Int = 1, into image: inout Image) throws -> VideoFrame? {
    while let frame = try advance() {
      guard frame.index % max(1, every) == 0 else { continue }
      try convert(into: &image)
      return frame
    }
    return nil
  }

  private func advance() throws -> VideoFrame? {
    guard !isOver else { return nil }
    if holdsFirst {
      holdsFirst = false
    } else if try !input.decode() {
      isOver = true
      finish()
      return nil
    }
    let index = nextIndex
    nextIndex += 1
    // A frame without a time is shown one frame's time after the one before.
    let seconds = input.frameSeconds ?? (lastSeconds < 0 ? 0 : lastSeconds + 1 / input.frameRate)
    lastSeconds = max(lastSeconds, seconds)
    return VideoFrame(index: index, seconds: seconds)
  }

  private func convert(into image: inout Image) throws {
    _ = try frameSize()
    let isConverted =
      orientation == .upright
      ? scaler.convert(input.frame, into: &image)
      : scaler.convert(input.frame, into: &unturned)
    guard isConverted else {
      throw VideoFailure.corrupt(path, "frame \(nextIndex - 1) cannot be converted to RGB")
    }
    if orientation != .upright { orientation.turn(unturned, into: &image) }
  }

  /// The size of the decoded frame, within the limits.
  private func frameSize() throws -> (width: Int, height: Int) {
    let width = Int(video_frame_width(input.frame))
    let height = Int(video_frame_height(input.frame))
    guard width > 0, height > 0, width <= limits.pixelCount / height else {
      throw DeployError(
        .videoInvalidSize,
        "frame \(nextIndex) has \(width)×\(height) pixels; \(limits.pixelCount) are the most",
        at: .file(path: path),
        remedy: "scale the video down"
      )
    }
    return (width, height)
  }

  /// Says what was wrong, once everything was read.
  private func finish() {
    if input.damagedCount > 0 {
      warn("\(input.damagedCount) of its packets are damaged; their frames are missing or wrong")
    }
    if let failure = input.readFailure {
      warn("cannot be read to its end: \(failure)")
    } else if let expected = info.seconds, expected - lastSeconds > max(1, expected / 20) {
      let (told, found) = ((expected * 10).rounded() / 10, (lastSeconds * 10).rounded() / 10)
      warn("says that it is \(told) s long, but ends after \(found) s")
    }
  }

  private func warn(_ message: String) {
    warnings.append(
      Diagnostic(
        .warning,
        .videoCorrupt,
        message,
        at: .file(path: path),
        remedy: "get an undamaged copy of the video"
      )
    )
  }
}
