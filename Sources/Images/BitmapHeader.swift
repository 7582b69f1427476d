import Diagnostics

/// The headers of a BMP file.
struct BitmapHeader {
  let pixelOffset: Int
  let width: Int
  let height: Int
  let isTopDown: Bool
  let bitsPerPixel: Int
  private let paletteOffset: Int
  private let paletteCount: Int

  init(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count >= 54 else { throw ImageFailure.corrupt(.bmp, "its header is cut off") }
    func integer(_ offset: Int) -> Int {
      Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }
    func short(_ offset: Int) -> Int {
      Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    }
    let headerCount = integer(14)
    guard headerCount >= 40, headerCount <= 256 else {
      throw ImageFailure.unsupported(.bmp, "its header has \(headerCount) bytes")
    }
    bitsPerPixel = short(28)
    let compression = integer(30)
    guard [1, 4, 8, 24, 32].contains(bitsPerPixel) else {
      throw ImageFailure.unsupported(.bmp, "\(bitsPerPixel) bits a pixel")
    }
    let hasUsualMasks =
      compression == 3 && bitsPerPixel == 32 && bytes.count >= 66
      && integer(54) == 0xFF0000 && integer(58) == 0xFF00 && integer(62) == 0xFF
    guard compression == 0 || hasUsualMasks else {
      throw ImageFailure.unsupported(.bmp, "compression \(compression)")
    }
    pixelOffset = integer(10)
    width = integer(18)
    height = abs(integer(22))
    isTopDown = integer(22) < 0
    paletteOffset = 14 + headerCount
    paletteCount = integer(46)
    guard pixelOffset >= paletteOffset, width > 0, width <= 1 << 28 else {
      throw ImageFailure.corrupt(.bmp, "width \(width), pixels at byte \(pixelOffset)")
    }
  }

  /// As many colours as an index can name; those that the file lacks are black.
  func palette(in bytes: UnsafeRawBufferPointer) throws -> [Color] {
    guard bitsPerPixel <= 8 else { return [] }
    let indexCount = 1 << bitsPerPixel
    let count = paletteCount == 0 ? indexCount : paletteCount
    guard count > 0, count <= indexCount, paletteOffset + 4 * count <= bytes.count else {
      throw ImageFailure.corrupt(.bmp, "its palette has \(count) colours")
    }
    let colors = (0..<count).map { index in
      let offset = paletteOffset + 4 * index
      return Color(red: bytes[offset + 2], green: bytes[offset + 1], blue: bytes[offset])
    }
    return colors + [Color](repeating: .black, count: indexCount - count)
  }
}
