import Diagnostics

extension ImageReader {
  /// Decodes uncompressed bitmaps of 1, 4 and 8 bits with a palette and of 24 and 32 bits.
  /// Source: Microsoft, BITMAPINFOHEADER.
  func decodeBMP(_ bytes: UnsafeRawBufferPointer, into image: inout Image) throws {
    let header = try BitmapHeader(bytes)
    try check(
      .bmp,
      width: header.width,
      height: header.height,
      byteCount: bytes.count,
      pixelsPerByte: 8
    )
    let rowByteCount = (header.width * header.bitsPerPixel + 31) / 32 * 4
    guard
      header.pixelOffset <= bytes.count,
      (bytes.count - header.pixelOffset) / rowByteCount >= header.height
    else {
      throw ImageFailure.corrupt(.bmp, "\(bytes.count) bytes are too few for its pixels")
    }
    let palette = try header.palette(in: bytes)
    image.reshape(width: header.width, height: header.height)
    for row in 0..<header.height {
      let storedRow = header.isTopDown ? row : header.height - 1 - row
      let start = header.pixelOffset + storedRow * rowByteCount
      let source = UnsafeRawBufferPointer(rebasing: bytes[start..<start + rowByteCount])
      image.pixels.withUnsafeMutableBytes { pixels in
        let width = 3 * header.width
        let target = UnsafeMutableRawBufferPointer(
          rebasing: pixels[row * width..<(row + 1) * width]
        )
        if header.bitsPerPixel <= 8 {
          Self.copyIndexed(source, header.bitsPerPixel, palette, to: target)
        } else {
          Self.copyColors(source, header.bitsPerPixel / 8, to: target)
        }
      }
    }
  }

  private static func copyColors(
    _ source: UnsafeRawBufferPointer,
    _ byteCount: Int,
    to target: UnsafeMutableRawBufferPointer
  ) {
    for pixel in 0..<target.count / 3 {
      target[3 * pixel] = source[byteCount * pixel + 2]
      target[3 * pixel + 1] = source[byteCount * pixel + 1]
      target[3 * pixel + 2] = source[byteCount * pixel]
    }
  }

  private static func copyIndexed(
    _ source: UnsafeRawBufferPointer,
    _ bitsPerPixel: Int,
    _ palette: [Color],
    to target: UnsafeMutableRawBufferPointer
  ) {
    for pixel in 0..<target.count / 3 {
      let bit = pixel * bitsPerPixel
      let shift = 8 - bitsPerPixel - bit % 8
      let color = palette[Int(source[bit / 8]) >> shift & (1 << bitsPerPixel - 1)]
      target[3 * pixel] = color.red
      target[3 * pixel + 1] = color.green
      target[3 * pixel + 2] = color.blue
    }
  }
}
