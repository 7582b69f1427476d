import CVideoCodecs
import Diagnostics

/// An opened file, its best video stream's decoder, and one decoded frame.
final class VideoInput {
  /// The kinds of file that are looked for: those that hold their frames themselves. Play lists and
  /// lists of files are none of them.
  private static let formats =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,asf,flv,ogg,h264,hevc,mpegvideo,m4v"
  /// How much is read to find out what is inside, in bytes.
  private static let probeSize = 5_000_000

  /// The frame that ``decode()`` wrote.
  let frame: OpaquePointer
  /// Packets that the decoder refused.
  private(set) var damagedCount = 0
  /// Why reading ended before the end.
  private(set) var readFailure: String?
  private let functions: video_functions_t
  private let path: String
  private let limits: VideoReader.Limits
  private var format: OpaquePointer?
  private var coder: OpaquePointer?
  private let packet: OpaquePointer
  private let stream: OpaquePointer
  private let streamIndex: Int32
  private let timeBase: Double
  private var isDraining = false
  /// The first frame's time in ticks, which times are counted from: streams begin anywhere, and some
  /// kinds of file tell only when frames are to be decoded.
  private var origin: Int64?

  init(
    _ path: String,
    _ functions: video_functions_t,
    threads: Int,
    _ limits: VideoReader.Limits
  ) throws {
    self.functions = functions
    self.path = path
    self.limits = limits
    guard let frame = functions.av_frame_alloc(), let packet = functions.av_packet_alloc() else {
      throw VideoFailure.unreadable(path, "no memory")
    }
    (self.frame, self.packet) = (frame, packet)
    var opened = Opened()
    do {
      try Self.open(path, functions, threads: threads, limits, &opened)
      guard let format = opened.format, let stream = video_stream(format, opened.index) else {
        throw VideoFailure.unreadable(path, "it has no stream of pictures")
      }
      (self.stream, streamIndex) = (stream, opened.index)
    } catch {
      functions.avcodec_free_context(&opened.coder)
      functions.avformat_close_input(&opened.format)
      var (frame, packet) = (Optional(frame), Optional(packet))
      functions.av_frame_free(&frame)
      functions.av_packet_free(&packet)
      throw error
    }
    (format, coder) = (opened.format, opened.coder)
    let base = video_stream_time_base(stream)
    timeBase = base.num > 0 && base.den > 0 ? Double(base.num) / Double(base.den) : 0
  }

  deinit {
    var (frame, packet) = (Optional(frame), Optional(packet))
    functions.av_frame_free(&frame)
    functions.av_packet_free(&packet)
    functions.avcodec_free_context(&coder)
    functions.avformat_close_input(&format)
  }

  private struct Opened {
    var format: OpaquePointer?
    var coder: OpaquePointer?
    var index: Int32 = -1
  }

  private static func open(
    _ path: String,
    _ functions: video_functions_t,
    threads: Int,
    _ limits: VideoReader.Limits,
    _ opened: inout Opened
  ) throws {
    var options: OpaquePointer?
    defer { functions.av_dict_free(&options) }
    for (name, value) in [
      ("protocol_whitelist", "file"), ("format_whitelist", formats),
      ("probesize", "\(probeSize)"), ("max_streams", "100"),
    ] {
      _ = functions.av_dict_set(&options, name, value, 0)
    }
    func require(_ result: Int32) throws {
      if result < 0 { throw VideoFailure.unreadable(path, VideoLibrary.message(result)) }
    }
    // "file:" so that no name is taken for an address.
    try require(functions.avformat_open_input(&opened.format, "file:" + path, nil, &options))
    guard let format = opened.format else { throw VideoFailure.unreadable(path, "no memory") }
    video_inject_side_data(format)
    try require(functions.avformat_find_stream_info(format, nil))
    var codec: OpaquePointer?
    let index = functions.av_find_best_stream(
      format,
      Int32(VIDEO_MEDIA_VIDEO),
      -1,
      -1,
      &codec,
      0
    )
    guard index >= 0, let codec, let stream = video_stream(format, index) else {
      throw VideoFailure.unreadable(path, "it has no stream of pictures that can be decoded")
    }
    opened.index = index
    opened.coder = functions.avcodec_alloc_context3(codec)
    guard let coder = opened.coder else { throw VideoFailure.unreadable(path, "no memory") }
    try require(functions.avcodec_parameters_to_context(coder, video_stream_parameters(stream)))
    let raw = UnsafeMutableRawPointer(coder)
    _ = functions.av_opt_set_int(raw, "threads", Int64(threads), 0)
    _ = functions.av_opt_set_int(raw, "max_pixels", Int64(limits.pixelCount), 0)
    try require(functions.avcodec_open2(coder, codec, nil))
  }

  /// Decodes the next frame into ``frame``.
  /// - Returns: false at the end.
  func decode() throws -> Bool {
    guard let format, let coder else { return false }
    var useless = 0
    while true {
      functions.av_frame_unref(frame)
      let result = functions.avcodec_receive_frame(coder, frame)
      if result == 0 {
        if origin == nil, video_frame_time(frame) != Int64.min { origin = video_frame_time(frame) }
        return true
      }
      if result == VIDEO_ERROR_END || isDraining && result == VIDEO_ERROR_AGAIN { return false }
      if result != VIDEO_ERROR_AGAIN { damagedCount += 1 }
      useless += 1
      guard useless <= limits.uselessPackets else {
        throw VideoFailure.corrupt(path, "\(useless) packets in a row bring no frame")
      }
      if !isDraining { feed(format, coder) }
    }
  }

  /// Gives the decoder the next packet of the stream, or says that there is none.
  private func feed(_ format: OpaquePointer, _ coder: OpaquePointer) {
    while true {
      let read = functions.av_read_frame(format, packet)
      defer { functions.av_packet_unref(packet) }
      if read < 0 {
        if read != VIDEO_ERROR_END { readFailure = VideoLibrary.message(read) }
        isDraining = true
        _ = functions.avcodec_send_packet(coder, nil)
        return
      }
      guard video_packet_stream_index(packet) == streamIndex else { continue }
      // Refused for being full it is not: every frame is taken before another packet is sent.
      if functions.avcodec_send_packet(coder, packet) < 0 { damagedCount += 1 }
      return
    }
  }
}

extension VideoInput {
  /// When the decoded frame is shown, in seconds after the first one, where the file tells.
  var frameSeconds: Double? {
    let time = video_frame_time(frame)
    guard let origin, time != Int64.min, timeBase > 0 else { return nil }
    return (Double(time) - Double(origin)) * timeBase
  }

  /// How long the stream, or else the file, says that it is, in seconds.
  var seconds: Double? {
    let duration = video_stream_duration(stream)
    if duration > 0, timeBase > 0 { return Double(duration) * timeBase }
    guard let format, video_duration(format) > 0 else { return nil }
    return Double(video_duration(format)) / 1e6
  }

  /// Frames per second; 25 where the file gives nothing to guess from.
  var frameRate: Double {
    guard let format else { return 25 }
    let rate = functions.av_guess_frame_rate(format, stream, nil)
    guard rate.num > 0, rate.den > 0 else { return 25 }
    return min(max(Double(rate.num) / Double(rate.den), 1), 1000)
  }

  /// How many frames there should be.
  var frameCount: Int? {
    let told = video_stream_frame_count(stream)
    if told > 0 { return Int(clamping: told) }
    guard let seconds, seconds * frameRate < 1e12 else { return nil }
    return max(1, Int((seconds * frameRate).rounded()))
  }

  /// Whether there is sound.
  var hasAudio: Bool {
    guard let format else { return false }
    return functions.av_find_best_stream(format, Int32(VIDEO_MEDIA_AUDIO), -1, -1, nil, 0) >= 0
  }
}
