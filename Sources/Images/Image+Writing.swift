import CImageCodecs
import Diagnostics
import Files
import Glibc

extension Image {
  /// How a JPEG is written.
  public struct JPEGQuality: Sendable, Hashable {
    /// 1 (small) to 100 (good).
    public var level: Int
    /// Whether colour is kept at half the resolution in both directions.
    public var halvesColor: Bool
    /// Creates a quality.
    public init(_ level: Int = 90, halvesColor: Bool = true) {
      self.level = level
      self.halvesColor = halvesColor
    }
  }

  /// Writes a picture; the name's ending says in which format: `.jpg`, `.jpeg` or `.png`.
  /// - Throws: `image.unsupported` for other endings, `image.unwritable`, `image.codec-missing`,
  ///   `file.unwritable`.
  public func write(to path: String, quality: JPEGQuality = JPEGQuality()) throws {
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    if ImageFormat.jpeg.fileExtensions.contains(ending) {
      try AtomicFile.write(try jpegBytes(quality), to: path)
    } else if ending == "png" {
      try AtomicFile.write(try pngBytes(), to: path)
    } else {
      throw DeployError(
        .imageUnsupported,
        "pictures are not written as '.\(ending)'",
        at: .file(path: path),
        remedy: "use a name that ends in .jpg or .png"
      )
    }
  }

  /// The picture as a JPEG file.
  /// - Throws: `image.unwritable`, `image.codec-missing`.
  public func jpegBytes(_ quality: JPEGQuality = JPEGQuality()) throws -> [UInt8] {
    if let problem = codecs_open_jpeg() {
      throw ImageFailure.codecMissing(.jpeg, String(cString: problem))
    }
    guard width > 0, height > 0, width <= 65_500, height <= 65_500 else {
      throw unwritable("JPEG holds no picture of \(width)×\(height)")
    }
    guard let handle = codecs_jpeg_writer() else {
      throw ImageFailure.codecMissing(.jpeg, "it has no memory to start")
    }
    defer { codecs_jpeg_close(handle) }
    let (width, height) = (Int32(width), Int32(height))
    let subsampling: Int32 = quality.halvesColor ? 2 : 0
    let level = Int32(min(max(quality.level, 1), 100))
    var count = codecs_jpeg_bound(width, height, subsampling)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, written in
      let result = pixels.withUnsafeBytes { pixels -> Int32 in
        guard let pixels = pixels.baseAddress, let bytes = bytes.baseAddress else { return -1 }
        return codecs_jpeg_encode(
          handle,
          pixels,
          width,
          height,
          bytes,
          &count,
          subsampling,
          level
        )
      }
      written = result == 0 ? count : 0
    }
    guard !bytes.isEmpty else { throw unwritable(String(cString: codecs_jpeg_message(handle))) }
    return bytes
  }

  /// The picture as a PNG file.
  /// - Throws: `image.unwritable`, `image.codec-missing`.
  public func pngBytes() throws -> [UInt8] {
    if let problem = codecs_open_png() {
      throw ImageFailure.codecMissing(.png, String(cString: problem))
    }
    guard let context = codecs_png_new(Int32(CODECS_PNG_ENCODER)) else {
      throw ImageFailure.codecMissing(.png, "it has no memory to start")
    }
    defer { codecs_png_free(context) }
    guard let headerWidth = UInt32(exactly: width), let headerHeight = UInt32(exactly: height)
    else { throw unwritable("PNG holds no picture of \(width)×\(height)") }
    var header = codecs_png_header_t()
    header.width = headerWidth
    header.height = headerHeight
    header.bit_depth = 8
    header.color_type = 2
    func require(_ error: Int32) throws {
      if error != 0 { throw unwritable(String(cString: codecs_png_message(error))) }
    }
    try require(codecs_png_option(context, Int32(CODECS_PNG_TO_BUFFER), 1))
    try require(codecs_png_option(context, Int32(CODECS_PNG_COMPRESSION_LEVEL), 6))
    try require(codecs_png_set_header(context, &header))
    try pixels.withUnsafeBytes { pixels in
      guard let start = pixels.baseAddress else { return }
      try require(codecs_png_encode(context, start, pixels.count))
    }
    var (count, error) = (0, Int32(0))
    guard let file = codecs_png_take(context, &count, &error) else {
      throw unwritable(String(cString: codecs_png_message(error)))
    }
    defer { free(file) }
    return [UInt8](UnsafeRawBufferPointer(start: file, count: count))
  }

  private func unwritable(_ reason: String) -> DeployError {
    DeployError(.imageUnwritable, "the picture cannot be written: \(reason)")
  }
}
