import CImageCodecs
import Diagnostics

extension ImageReader {
  /// Decodes lossy and lossless still pictures.
  func decodeWebP(_ bytes: UnsafeRawBufferPointer, into image: inout Image) throws {
    if let problem = codecs_open_webp() {
      throw ImageFailure.codecMissing(.webp, String(cString: problem))
    }
    let bytes = bytes.bindMemory(to: UInt8.self)
    guard let start = bytes.baseAddress else { return }
    var (width, height) = (Int32(0), Int32(0))
    guard codecs_webp_header(start, bytes.count, &width, &height) != 0 else {
      throw ImageFailure.corrupt(.webp, "its header is unreadable")
    }
    // A lossless picture of one colour takes a few bytes whatever its size, so only the limit
    // on pixels applies.
    try check(
      .webp,
      width: Int(width),
      height: Int(height),
      byteCount: bytes.count,
      pixelsPerByte: .max
    )
    image.reshape(width: Int(width), height: Int(height))
    let isWhole = image.pixels.withUnsafeMutableBufferPointer { target in
      guard let pixels = target.baseAddress else { return false }
      return codecs_webp_decode(start, bytes.count, pixels, target.count, 3 * width) != nil
    }
    guard isWhole else {
      throw ImageFailure.corrupt(.webp, "its data is cut off, damaged or an animation")
    }
  }
}
