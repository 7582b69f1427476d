import CImageCodecs

/// libjpeg-turbo called as plainly as can be, with the reader's own settings.
final class TurboJPEG {
  private let handle: UnsafeMutableRawPointer
  private var pixels: [UInt8] = []

  init() throws {
    if let problem = codecs_open_jpeg() { throw Failure(description: String(cString: problem)) }
    guard let handle = codecs_jpeg_reader() else { throw Failure(description: "no memory") }
    self.handle = handle
  }

  deinit { codecs_jpeg_close(handle) }

  func decode(_ bytes: UnsafeRawBufferPointer) throws {
    guard let start = bytes.baseAddress else { return }
    var (width, height, sampling, colors) = (Int32(0), Int32(0), Int32(0), Int32(0))
    guard codecs_jpeg_header(handle, start, bytes.count, &width, &height, &sampling, &colors) == 0
    else { throw Failure(description: "no JPEG picture") }
    let count = 3 * Int(width) * Int(height)
    if pixels.count != count { pixels = [UInt8](repeating: 0, count: count) }
    let format = Int32(CODECS_JPEG_RGB)
    let flags = Int32(CODECS_JPEG_ACCURATE_DCT)
    let result = pixels.withUnsafeMutableBytes { pixels -> Int32 in
      guard let target = pixels.baseAddress else { return -1 }
      return codecs_jpeg_decode(
        handle,
        start,
        bytes.count,
        target,
        width,
        0,
        height,
        format,
        flags
      )
    }
    guard result == 0 else { throw Failure(description: "damaged JPEG picture") }
  }
}

struct Failure: Error, CustomStringConvertible { let description: String }
