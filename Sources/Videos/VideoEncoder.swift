import CVideoCodecs
import Images

/// Turns pictures into compressed packets.
final class VideoEncoder {
  /// Encoders by FFmpeg's names: H.264 where there is one, else MPEG-4 part 2, which always is.
  static let names = ["libx264", "libopenh264", "mpeg4"]

  /// The encoder that was opened, by FFmpeg's name.
  let name: String
  let coder: OpaquePointer
  /// Seconds of one slot: one frame's time.
  let timeBase: video_rational_t
  private let functions: video_functions_t
  private let frame: OpaquePointer
  private let scaler: FrameScaler

  /// Why there is no encoder.
  struct Failure: Error {
    let text: String
  }

  /// Opens the first of some encoders that takes pictures of that size.
  init(
    _ names: [String] = VideoEncoder.names,
    width: Int,
    height: Int,
    frameRate: Double,
    _ functions: video_functions_t
  ) throws(Failure) {
    // Colour has half the resolution, so both sides must be even.
    let (width, height) = (width / 2 * 2, height / 2 * 2)
    guard width > 0, height > 0, width <= 1 << 14, height <= 1 << 14 else {
      throw Failure(text: "videos of \(width)×\(height) pixels are not written")
    }
    let time = Self.frameTime(frameRate)
    timeBase = video_rational_t(num: time.num, den: time.den)
    var reason = "this FFmpeg has none of the encoders " + names.joined(separator: ", ")
    for name in names {
      guard let codec = functions.avcodec_find_encoder_by_name(name) else { continue }
      var coder = functions.avcodec_alloc_context3(codec)
      guard let opened = coder else { continue }
      let result = Self.open(opened, codec, name, width, height, timeBase, functions)
      guard result >= 0 else {
        reason = "\(name): \(VideoLibrary.message(result))"
        functions.avcodec_free_context(&coder)
        continue
      }
      var frame = functions.av_frame_alloc()
      if let made = frame {
        video_set_frame_shape(
          made,
          Int32(width),
          Int32(height),
          functions.av_get_pix_fmt("yuv420p")
        )
        if functions.av_frame_get_buffer(made, 0) == 0 {
          (self.name, self.coder, self.frame, self.functions) = (name, opened, made, functions)
          scaler = FrameScaler(functions)
          return
        }
      }
      functions.av_frame_free(&frame)
      functions.avcodec_free_context(&coder)
      throw Failure(text: "no memory")
    }
    throw Failure(text: reason)
  }

  deinit {
    var (coder, frame) = (Optional(coder), Optional(frame))
    functions.av_frame_free(&frame)
    functions.avcodec_free_context(&coder)
  }

  private static func open(
    _ coder: OpaquePointer,
    _ codec: OpaquePointer,
    _ name: String,
    _ width: Int,
    _ height: Int,
    _ timeBase: video_rational_t,
    _ functions: video_functions_t
  ) -> Int32 {
    let raw = UnsafeMutableRawPointer(coder)
    let format = functions.av_get_pix_fmt("yuv420p")
    let required = [
      functions.av_opt_set_image_size(raw, "video_size", Int32(width), Int32(height), 0),
      functions.av_opt_set_pixel_fmt(raw, "pixel_format", format, 0),
      functions.av_opt_set_q(raw, "time_base", timeBase, 0),
      functions.av_opt_set(raw, "flags", "+global_header", 0),
    ]
    if let failure = required.first(where: { $0 < 0 }) { return failure }
    let search = Int32(VIDEO_SEARCH_CHILDREN)
    if name == "libx264" {
      _ = functions.av_opt_set(raw, "preset", "veryfast", search)
      _ = functions.av_opt_set(raw, "crf", "20", search)
    } else {
      let rate = Double(timeBase.den) / Double(timeBase.num)
      let bits = Double(width * height) * rate * (name == "mpeg4" ? 0.25 : 0.12)
      _ = functions.av_opt_set_int(raw, "b", Int64(max(bits, 100_000)), 0)
    }
    return functions.avcodec_open2(coder, codec, nil)
  }

  /// The time of one frame as a fraction: of whole rates, of those of television (30000/1001), or
  /// of any other to a thousandth.
  static func frameTime(_ frameRate: Double) -> (num: Int32, den: Int32) {
    let rate = frameRate.isFinite ? min(max(frameRate, 1), 1000) : 25
    for scale in [1.0, 1001.0] where abs((rate * scale).rounded() - rate * scale) < 1e-3 * scale / 8
    {
      let ticks = (rate * scale).rounded()
      // MPEG-4 counts at most 65535 ticks a second.
      if scale == 1 || ticks.truncatingRemainder(dividingBy: 1000) == 0, ticks < 65_536 {
        return (Int32(scale), Int32(ticks))
      }
    }
    let scale = rate < 65 ? 1000.0 : 50
    return (Int32(scale), Int32((rate * scale).rounded()))
  }

  /// Encodes a picture shown at a slot, or nil to get what is still inside.
  /// - Parameter take: gets each packet that comes out, and gives an error number or 0.
  /// - Returns: FFmpeg's error number, or 0.
  func encode(
    _ image: Image?,
    slot: Int64,
    into packet: OpaquePointer,
    take: (OpaquePointer) -> Int32
  ) -> Int32 {
    var result: Int32 = 0
    if let image {
      result = functions.av_frame_make_writable(frame)
      guard result >= 0 else { return result }
      guard scaler.convert(image, into: frame) else { return Int32(VIDEO_ERROR_INVALID) }
      video_set_frame_time(frame, slot)
      result = functions.avcodec_send_frame(coder, frame)
    } else {
      result = functions.avcodec_send_frame(coder, nil)
    }
    while result >= 0 {
      result = functions.avcodec_receive_packet(coder, packet)
      if result == VIDEO_ERROR_AGAIN || result == VIDEO_ERROR_END { return 0 }
      guard result >= 0 else { break }
      result = take(packet)
      functions.av_packet_unref(packet)
    }
    return result
  }
}
