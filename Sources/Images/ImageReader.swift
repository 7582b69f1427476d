import CImageCodecs
import Diagnostics
import Files

/// Reads JPEG, PNG, WebP and BMP pictures into RGB, upright.
///
/// - EXIF orientation (JPEG, PNG, WebP) is applied, as OpenCV's `imread` does.
/// - Alpha is dropped, not composited; 16-bit samples keep their upper 8 bits; gamma and colour
///   profiles are ignored: all as OpenCV's `IMREAD_COLOR`.
/// - A JPEG that libjpeg-turbo only warns about is refused as damaged: half a picture gives
///   wrong detections without a word. Only superfluous bytes between its segments are let pass.
///
/// One reader serves one caller at a time and keeps its memory for the next picture.
public final class ImageReader {
  /// What is refused before memory is reserved.
  public struct Limits: Sendable, Hashable {
    /// Width · height.
    public var pixelCount = 1 << 27
    /// Creates the default limits.
    public init() {}
  }
  /// What is refused before memory is reserved.
  public let limits: Limits
  /// A picture before it is turned upright.
  private var unturned = Image(width: 0, height: 0)
  /// CMYK samples before they are made RGB.
  var samples: [UInt8] = []
  var jpegHandle: UnsafeMutableRawPointer?

  /// Creates a reader; codecs are opened when first needed.
  public init(limits: Limits = Limits()) { self.limits = limits }

  deinit { if let jpegHandle { codecs_jpeg_close(jpegHandle) } }

  /// Reads a file into `image`, whose memory is used again. After an error the pixels are
  /// unspecified.
  /// - Throws: what `decode(_:into:)` throws, `file.not-found`, `file.not-regular`,
  ///   `file.unreadable`.
  public func read(_ path: String, into image: inout Image) throws {
    let file = try MappedFile(path: path)
    do {
      try withExtendedLifetime(file) { try decode(file.bytes, into: &image) }
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  /// Reads a file.
  /// - Throws: as `read(_:into:)`.
  public func read(_ path: String) throws -> Image {
    var image = Image(width: 0, height: 0)
    try read(path, into: &image)
    return image
  }

  /// Decodes the bytes of a file into `image`, whose memory is used again.
  /// - Throws: `image.unknown-format`, `image.corrupt`, `image.unsupported`,
  ///   `image.invalid-size`, `image.codec-missing`.
  public func decode(_ bytes: UnsafeRawBufferPointer, into image: inout Image) throws {
    guard let format = ImageFormat(sniffing: bytes) else {
      throw DeployError(
        .imageUnknownFormat,
        bytes.isEmpty ? "an empty file is no picture" : "no JPEG, PNG, WebP or BMP picture",
        at: .file(path: ""),
        remedy: "give a picture in one of these formats"
      )
    }
    let orientation = Orientation(of: format, in: bytes)
    if orientation == .upright {
      try decode(bytes, as: format, into: &image)
    } else {
      try decode(bytes, as: format, into: &unturned)
      orientation.turn(unturned, into: &image)
    }
  }

  /// Decodes the bytes of a file.
  /// - Throws: as `decode(_:into:)`.
  public func decode(_ bytes: [UInt8]) throws -> Image {
    var image = Image(width: 0, height: 0)
    try bytes.withUnsafeBytes { try decode($0, into: &image) }
    return image
  }

  private func decode(
    _ bytes: UnsafeRawBufferPointer,
    as format: ImageFormat,
    into image: inout Image
  ) throws {
    switch format {
    case .jpeg: try decodeJPEG(bytes, into: &image)
    case .png: try decodePNG(bytes, into: &image)
    case .webp: try decodeWebP(bytes, into: &image)
    case .bmp: try decodeBMP(bytes, into: &image)
    }
  }

  /// Refuses sizes that are empty, beyond the limits, or that so few bytes cannot hold.
  /// - Parameter pixelsPerByte: what the format's best compression reaches, generously.
  func check(
    _ format: ImageFormat,
    width: Int,
    height: Int,
    byteCount: Int,
    pixelsPerByte: Int
  ) throws {
    guard width > 0, height > 0 else {
      throw ImageFailure.corrupt(format, "its size is \(width)×\(height)")
    }
    let (pixelCount, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixelCount <= limits.pixelCount else {
      throw DeployError(
        .imageInvalidSize,
        "\(width)×\(height) pixels are more than the limit of \(limits.pixelCount)",
        at: .file(path: ""),
        remedy: "scale the picture down"
      )
    }
    guard pixelCount / pixelsPerByte <= byteCount else {
      throw ImageFailure.corrupt(
        format,
        "\(byteCount) bytes cannot hold its \(width)×\(height) pixels"
      )
    }
  }
}
