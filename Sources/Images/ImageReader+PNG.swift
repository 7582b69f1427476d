import CImageCodecs
import Diagnostics

extension ImageReader {
  /// Decodes every colour type and depth, interlaced or not.
  func decodePNG(_ bytes: UnsafeRawBufferPointer, into image: inout Image) throws {
    if let problem = codecs_open_png() {
      throw ImageFailure.codecMissing(.png, String(cString: problem))
    }
    guard let start = bytes.baseAddress, let context = codecs_png_new(0) else {
      throw ImageFailure.codecMissing(.png, "it has no memory to start")
    }
    defer { codecs_png_free(context) }
    func require(_ error: Int32) throws {
      guard error == 0 else {
        throw ImageFailure.corrupt(.png, String(cString: codecs_png_message(error)))
      }
    }
    try require(codecs_png_limits(context, 1 << 30, 1 << 26))
    try require(codecs_png_source(context, start, bytes.count))
    var header = codecs_png_header_t()
    try require(codecs_png_header(context, &header))
    // DEFLATE shrinks to 1/1032 at best; one byte holds at most 8 pixels.
    try check(
      .png,
      width: Int(header.width),
      height: Int(header.height),
      byteCount: bytes.count,
      pixelsPerByte: 1032 * 8
    )
    image.reshape(width: Int(header.width), height: Int(header.height))
    try image.pixels.withUnsafeMutableBytes { target in
      guard let pixels = target.baseAddress else { return }
      try require(codecs_png_decode(context, pixels, target.count, Int32(CODECS_PNG_RGB8)))
    }
  }
}
