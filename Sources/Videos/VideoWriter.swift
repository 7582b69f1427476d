import CVideoCodecs
import Diagnostics
import Files
import Glibc
public import Images

/// Writes pictures as a video without sound: H.264 where FFmpeg has an encoder for it, else MPEG-4.
///
/// The file gets its name when it is whole. Frames lie on slots of one frame's time each, so frames
/// that are left out leave the others where they were. One caller at a time; on which thread does
/// not matter.
public final class VideoWriter: @unchecked Sendable {
  // Sendable by that rule: nothing in here is shared with another writer.

  /// FFmpeg's names of the kinds of file, by the endings of their names.
  private static let formats = [
    "mp4": "mp4", "m4v": "mp4", "mov": "mov", "mkv": "matroska", "avi": "avi",
  ]
  /// The longest time between two frames, in seconds: damaged files tell of years.
  private static let longestGap = 3600.0

  /// The file's path.
  public let path: String
  /// The encoder, by FFmpeg's name, such as `libx264`.
  public var encoder: String { coder.name }
  private let functions: video_functions_t
  private let coder: VideoEncoder
  private let packet: OpaquePointer
  private var format: OpaquePointer?
  private var io: OpaquePointer?
  private let stream: OpaquePointer
  private let temporaryPath: String
  private var lastSlot: Int64 = -1

  /// Refuses names of videos that cannot be written, before any work is done.
  /// - Throws: `video.unwritable`, `file.unwritable`, `file.not-regular`.
  public static func check(_ path: String) throws {
    _ = try formatName(path)
    _ = try AtomicFile(path: path)
  }

  /// Begins a video.
  /// - Throws: `video.library-missing`, `video.unwritable`, IDs of `file.`
  public init(path: String, width: Int, height: Int, frameRate: Double) throws {
    let functions = try VideoLibrary.functions()
    try Self.check(path)
    let name = try Self.formatName(path)
    do {
      coder = try VideoEncoder(
        // AVI has no place for the order in which H.264's frames are shown.
        name == "avi" ? ["mpeg4"] : VideoEncoder.names,
        width: width,
        height: height,
        frameRate: frameRate,
        functions
      )
    } catch {
      throw VideoFailure.unwritable(path, error.text)
    }
    self.path = path
    self.functions = functions
    temporaryPath = Self.temporaryPath(path)
    var opened = Opened()
    UnfinishedFiles.add(temporaryPath)
    do {
      (stream, packet) = try Self.open(path, temporaryPath, name, coder, functions, &opened)
    } catch {
      opened.close(functions)
      Self.remove(temporaryPath)
      throw error
    }
    (format, io) = (opened.format, opened.io)
  }

  deinit {
    var (opened, packet) = (Opened(format: format, io: io), Optional(packet))
    functions.av_packet_free(&packet)
    opened.close(functions)
    if format != nil { Self.remove(temporaryPath) }
  }

  private struct Opened {
    var format: OpaquePointer?
    var io: OpaquePointer?

    @discardableResult
    mutating func close(_ functions: video_functions_t) -> Int32 {
      let result = io == nil ? 0 : functions.avio_closep(&io)
      functions.avformat_free_context(format)
      format = nil
      return result
    }
  }

  private static func open(
    _ path: String,
    _ temporaryPath: String,
    _ name: String,
    _ coder: VideoEncoder,
    _ functions: video_functions_t,
    _ opened: inout Opened
  ) throws -> (stream: OpaquePointer, packet: OpaquePointer) {
    func require(_ result: Int32) throws {
      if result < 0 { throw VideoFailure.unwritable(path, VideoLibrary.message(result)) }
    }
    try require(functions.avformat_alloc_output_context2(&opened.format, nil, name, nil))
    guard let format = opened.format, let stream = functions.avformat_new_stream(format, nil) else {
      throw VideoFailure.unwritable(path, "no memory")
    }
    let parameters = video_stream_parameters(stream)
    try require(functions.avcodec_parameters_from_context(parameters, coder.coder))
    video_set_stream_time_base(stream, coder.timeBase)
    try require(
      functions.avio_open(&opened.io, "file:" + temporaryPath, Int32(VIDEO_IO_WRITE))
    )
    video_set_io(format, opened.io)
    try require(functions.avformat_write_header(format, nil))
    guard let packet = functions.av_packet_alloc() else {
      throw VideoFailure.unwritable(path, "no memory")
    }
    return (stream, packet)
  }

  /// Appends a picture; one of another size than the first is scaled to it.
  /// - Parameter seconds: when it is shown; later than the one before.
  /// - Throws: `video.unwritable`.
  public func write(_ image: Image, seconds: Double) throws {
    let base = coder.timeBase
    let rate = Double(base.den) / Double(base.num)
    let latest = Double(lastSlot) + Self.longestGap * rate
    let wanted = seconds.isFinite ? (seconds * rate).rounded() : 0
    lastSlot = max(lastSlot + 1, Int64(min(max(wanted, 0), latest)))
    try encode(image)
  }

  /// Writes what is left and gives the file its name.
  /// - Throws: `video.unwritable`.
  public func finish() throws {
    guard let format else { return }
    try encode(nil)
    let ended = functions.av_write_trailer(format)
    var opened = Opened(format: format, io: io)
    let closed = opened.close(functions)
    (self.format, io) = (nil, nil)
    guard ended >= 0, closed >= 0, rename(temporaryPath, path) == 0 else {
      let reason = String(cString: strerror(errno))
      Self.remove(temporaryPath)
      let failure = min(ended, closed)
      throw VideoFailure.unwritable(path, failure < 0 ? VideoLibrary.message(failure) : reason)
    }
    UnfinishedFiles.remove(temporaryPath)
  }

  private func encode(_ image: Image?) throws {
    let result = coder.encode(image, slot: lastSlot, into: packet) { packet in
      guard let format else { return 0 }
      video_set_packet_stream_index(packet, 0)
      // Without it, the last frame of a file would be shown for no time at all.
      video_set_packet_duration(packet, 1)
      functions.av_packet_rescale_ts(packet, coder.timeBase, video_stream_time_base(stream))
      return functions.av_interleaved_write_frame(format, packet)
    }
    if result < 0 { throw VideoFailure.unwritable(path, VideoLibrary.message(result)) }
  }

  private static func formatName(_ path: String) throws -> String {
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    guard let name = formats[ending] else {
      throw VideoFailure.unwritable(path, "'.\(ending)' is no kind of video that is written")
    }
    return name
  }

  /// A hidden name beside `path`.
  private static func temporaryPath(_ path: String) -> String {
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    return "\(folder).\(String(UInt64.random(in: .min ... .max), radix: 36)).part"
  }

  private static func remove(_ path: String) {
    unlink(path)
    UnfinishedFiles.remove(path)
  }
}
