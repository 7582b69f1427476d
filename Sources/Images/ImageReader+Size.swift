import Diagnostics
import Files

extension ImageReader {
  /// The width and height of a picture, upright, in pixels. JPEG and PNG files are asked for their
  /// header only; the other formats are decoded.
  /// - Throws: as `read(_:into:)`.
  public func size(_ path: String) throws -> (width: Int, height: Int) {
    let file = try MappedFile(path: path)
    do {
      return try withExtendedLifetime(file) { try size(of: file.bytes) }
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  private func size(of bytes: UnsafeRawBufferPointer) throws -> (width: Int, height: Int) {
    var (width, height) = (0, 0)
    switch ImageFormat(sniffing: bytes) {
    case .jpeg: (width, height) = try jpegSize(bytes)
    case .png where bytes.count >= 24:
      width = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
      height = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self)))
    default:
      var image = Image(width: 0, height: 0)
      try decode(bytes, into: &image)
      return (image.width, image.height)
    }
    let format = ImageFormat(sniffing: bytes) ?? .jpeg
    try check(format, width: width, height: height, byteCount: bytes.count, pixelsPerByte: .max)
    let isTurned = Orientation(of: format, in: bytes).rawValue >= 5
    return isTurned ? (height, width) : (width, height)
  }
}
