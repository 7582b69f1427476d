import CVideoCodecs
import Diagnostics
import Images

/// Changes pixels from one form and size to another. One caller at a time.
///
/// Colours are taken as ITU-R BT.601 says whatever the video says, and chroma is scaled bicubically,
/// as OpenCV's `VideoCapture` does, whose frames the network's authors looked at.
final class FrameScaler {
  private let functions: video_functions_t
  private var scaler: OpaquePointer?
  /// One RGB picture with room behind each row: the library may write a little past a row's end.
  private var rows: [UInt8] = []

  init(_ functions: video_functions_t) { self.functions = functions }

  deinit { functions.sws_freeContext(scaler) }

  /// Writes a decoded frame as RGB.
  /// - Returns: false where the library cannot.
  func convert(_ frame: OpaquePointer, into image: inout Image) -> Bool {
    let (width, height) = (Int(video_frame_width(frame)), Int(video_frame_height(frame)))
    let rgb = functions.av_get_pix_fmt("rgb24")
    guard prepare(from: (width, height, video_frame_format(frame)), to: (width, height, rgb)) else {
      return false
    }
    guard let scaler else { return false }
    let stride = (3 * width + 63) / 64 * 64 + 64
    if rows.count < stride * height { rows = [UInt8](repeating: 0, count: stride * height) }
    let written = rows.withUnsafeMutableBufferPointer { rows in
      var planes: [UnsafeMutablePointer<UInt8>?] = [rows.baseAddress, nil, nil, nil]
      var strides: [Int32] = [Int32(stride), 0, 0, 0]
      return functions.sws_scale(
        scaler,
        video_frame_planes(frame),
        video_frame_strides(frame),
        0,
        Int32(height),
        &planes,
        &strides
      )
    }
    guard written == height else { return false }
    image.reshape(width: width, height: height)
    image.pixels.withUnsafeMutableBytes { pixels in
      rows.withUnsafeBytes { rows in
        guard let target = pixels.baseAddress, let source = rows.baseAddress else { return }
        for row in 0..<height {
          (target + 3 * width * row).copyMemory(from: source + stride * row, byteCount: 3 * width)
        }
      }
    }
    return true
  }

  /// Writes an RGB picture into a frame that has memory, whatever the sizes are.
  /// - Returns: false where the library cannot.
  func convert(_ image: Image, into frame: OpaquePointer) -> Bool {
    let rgb = functions.av_get_pix_fmt("rgb24")
    let target = (
      Int(video_frame_width(frame)), Int(video_frame_height(frame)), video_frame_format(frame)
    )
    // An odd last column or row is left out rather than the whole picture scaled by a hair.
    let width = image.width - target.0 == 1 ? target.0 : image.width
    let height = image.height - target.1 == 1 ? target.1 : image.height
    guard prepare(from: (width, height, rgb), to: target), let scaler else { return false }
    return image.pixels.withUnsafeBufferPointer { pixels in
      var planes: [UnsafePointer<UInt8>?] = [pixels.baseAddress, nil, nil, nil]
      var strides: [Int32] = [Int32(3 * image.width), 0, 0, 0]
      return functions.sws_scale(
        scaler,
        &planes,
        &strides,
        0,
        Int32(height),
        video_frame_writable_planes(frame),
        video_frame_strides(frame)
      ) == target.1
    }
  }

  private func prepare(
    from source: (width: Int, height: Int, format: Int32),
    to target: (width: Int, height: Int, format: Int32)
  ) -> Bool {
    scaler = functions.sws_getCachedContext(
      scaler,
      Int32(source.width),
      Int32(source.height),
      source.format,
      Int32(target.width),
      Int32(target.height),
      target.format,
      Int32(VIDEO_SCALE_BICUBIC),
      nil,
      nil,
      nil
    )
    return scaler != nil
  }
}
