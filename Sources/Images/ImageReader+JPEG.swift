import CImageCodecs
import Diagnostics

extension ImageReader {
  /// Decodes with the accurate DCT and smooth upsampling, the library's (and OpenCV's) default.
  func decodeJPEG(_ bytes: UnsafeRawBufferPointer, into image: inout Image) throws {
    let handle = try openJPEG()
    guard let start = bytes.baseAddress else { return }
    var (width, height, subsampling, colors) = (Int32(0), Int32(0), Int32(0), Int32(0))
    guard
      codecs_jpeg_header(handle, start, bytes.count, &width, &height, &subsampling, &colors) == 0
    else { throw jpegFailure(handle) }
    // 64 samples of a block take one bit at least, in progressive files too (512 pixels a byte);
    // subsampled files hold up to 4 times the pixels. Twice that leaves a margin.
    try check(
      .jpeg,
      width: Int(width),
      height: Int(height),
      byteCount: bytes.count,
      pixelsPerByte: 4096
    )
    image.reshape(width: Int(width), height: Int(height))
    if colors == Int32(CODECS_JPEG_COLORS_CMYK) || colors == Int32(CODECS_JPEG_COLORS_YCCK) {
      samples = [UInt8](repeating: 0, count: 4 * Int(width) * Int(height))
      try samples.withUnsafeMutableBytes {
        try decodeJPEG(bytes, handle, width, height, Int32(CODECS_JPEG_CMYK), into: $0)
      }
      convertCMYK(into: &image)
    } else {
      try image.pixels.withUnsafeMutableBytes {
        try decodeJPEG(bytes, handle, width, height, Int32(CODECS_JPEG_RGB), into: $0)
      }
    }
  }

  private func decodeJPEG(
    _ bytes: UnsafeRawBufferPointer,
    _ handle: UnsafeMutableRawPointer,
    _ width: Int32,
    _ height: Int32,
    _ format: Int32,
    into target: UnsafeMutableRawBufferPointer
  ) throws {
    guard let start = bytes.baseAddress, let target = target.baseAddress else { return }
    let flags = Int32(CODECS_JPEG_ACCURATE_DCT) | Int32(CODECS_JPEG_LIMIT_SCANS)
    let count = bytes.count
    guard codecs_jpeg_decode(handle, start, count, target, width, 0, height, format, flags) != 0
    else { return }
    let isWarning = codecs_jpeg_severity(handle) == Int32(CODECS_JPEG_WARNING)
    let message = String(cString: codecs_jpeg_message(handle))
    guard isWarning, message.contains("extraneous bytes"), endsWithMarker(bytes) else {
      throw jpegFailure(handle)
    }
  }

  /// Whether an end-of-image marker stands in the last kilobyte.
  private func endsWithMarker(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let tail = bytes.suffix(1024)
    return zip(tail, tail.dropFirst()).contains { $0 == 0xFF && $1 == 0xD9 }
  }

  /// Adobe files hold inverted inks, so RGB = CMY · K / 255, rounded as OpenCV does it.
  /// Source: OpenCV 4.10, `icvCvt_CMYK2BGR_8u_C4C3R`.
  private func convertCMYK(into image: inout Image) {
    for pixel in 0..<image.width * image.height {
      let black = Int(samples[4 * pixel + 3])
      for channel in 0..<3 {
        let ink = Int(samples[4 * pixel + channel])
        image.pixels[3 * pixel + channel] = UInt8(clamping: black - ((255 - ink) * black) >> 8)
      }
    }
  }

  /// The size in a JPEG's header, as stored.
  func jpegSize(_ bytes: UnsafeRawBufferPointer) throws -> (width: Int, height: Int) {
    let handle = try openJPEG()
    var (width, height, subsampling, colors) = (Int32(0), Int32(0), Int32(0), Int32(0))
    guard let start = bytes.baseAddress,
      codecs_jpeg_header(handle, start, bytes.count, &width, &height, &subsampling, &colors) == 0
    else { throw jpegFailure(handle) }
    return (Int(width), Int(height))
  }

  private func openJPEG() throws -> UnsafeMutableRawPointer {
    if let jpegHandle { return jpegHandle }
    if let problem = codecs_open_jpeg() {
      throw ImageFailure.codecMissing(.jpeg, String(cString: problem))
    }
    guard let handle = codecs_jpeg_reader() else {
      throw ImageFailure.codecMissing(.jpeg, "it has no memory to start")
    }
    jpegHandle = handle
    return handle
  }

  private func jpegFailure(_ handle: UnsafeMutableRawPointer) -> DeployError {
    ImageFailure.corrupt(.jpeg, String(cString: codecs_jpeg_message(handle)))
  }
}
