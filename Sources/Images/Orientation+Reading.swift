extension Orientation {
  /// Finds the orientation in a file's EXIF block; upright where there is none or it is broken.
  init(of format: ImageFormat, in bytes: UnsafeRawBufferPointer) {
    let block: Slice<UnsafeRawBufferPointer>? =
      switch format {
      case .jpeg: Self.exifBlock(ofJPEG: bytes)
      case .png: Self.exifBlock(ofPNG: bytes)
      case .webp: Self.exifBlock(ofWebP: bytes)
      case .bmp: nil
      }
    let value = block.flatMap { Self.tag(in: UnsafeRawBufferPointer(rebasing: $0)) }
    self = value.flatMap(Orientation.init(rawValue:)) ?? .upright
  }

  /// The TIFF block of the first `APP1` segment that holds EXIF, before the first scan.
  private static func exifBlock(ofJPEG bytes: UnsafeRawBufferPointer) -> Slice<
    UnsafeRawBufferPointer
  >? {
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
      let marker = bytes[offset + 1]
      if marker == 0xFF {
        offset += 1
        continue
      }
      guard marker != 0xDA, marker != 0xD9 else { return nil }
      let count = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
      let end = offset + 2 + count
      guard count >= 2, end <= bytes.count else { return nil }
      let content = bytes[offset + 4..<end]
      if marker == 0xE1, content.starts(with: exifPrefix) { return content.dropFirst(6) }
      offset = end
    }
    return nil
  }

  /// The `eXIf` chunk, before the pixels or after them.
  private static func exifBlock(ofPNG bytes: UnsafeRawBufferPointer) -> Slice<
    UnsafeRawBufferPointer
  >? {
    var offset = 8
    while offset + 12 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      let count = Int(UInt32(bigEndian: word))
      guard count <= bytes.count - offset - 12 else { return nil }
      if bytes[offset + 4..<offset + 8].elementsEqual("eXIf".utf8) {
        return bytes[offset + 8..<offset + 8 + count]
      }
      offset += 12 + count
    }
    return nil
  }

  /// The `EXIF` chunk, with or without the prefix that JPEG uses.
  private static func exifBlock(ofWebP bytes: UnsafeRawBufferPointer) -> Slice<
    UnsafeRawBufferPointer
  >? {
    var offset = 12
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
      let count = Int(UInt32(littleEndian: word))
      guard count <= bytes.count - offset - 8 else { return nil }
      if bytes[offset..<offset + 4].elementsEqual("EXIF".utf8) {
        let content = bytes[offset + 8..<offset + 8 + count]
        return content.starts(with: exifPrefix) ? content.dropFirst(6) : content
      }
      offset += 8 + count + count % 2
    }
    return nil
  }

  private static let exifPrefix: [UInt8] = Array("Exif".utf8) + [0, 0]

  /// The orientation in the first directory of a TIFF block.
  private static func tag(in block: UnsafeRawBufferPointer) -> Int? {
    guard block.count >= 8 else { return nil }
    let isLittle = block[0] == 0x49 && block[1] == 0x49
    guard isLittle || (block[0] == 0x4D && block[1] == 0x4D) else { return nil }
    func short(_ offset: Int) -> Int {
      let (a, b) = (Int(block[offset]), Int(block[offset + 1]))
      return isLittle ? b << 8 | a : a << 8 | b
    }
    func long(_ offset: Int) -> Int {
      let (a, b) = (short(offset), short(offset + 2))
      return isLittle ? b << 16 | a : a << 16 | b
    }
    let directory = long(4)
    guard short(2) == 42, directory >= 8, directory <= block.count - 2 else { return nil }
    for entry in 0..<short(directory) {
      let offset = directory + 2 + 12 * entry
      guard offset + 12 <= block.count else { return nil }
      if short(offset) == 0x0112, short(offset + 2) == 3, long(offset + 4) == 1 {
        return short(offset + 8)
      }
    }
    return nil
  }
}
