/// Files in an archive that every system opens; nothing is compressed. Source: PKWARE APPNOTE 4.3.
struct ZipWriter {
  private var body: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Adds a file by its name, without a folder above it.
  mutating func add(_ name: String, _ bytes: [UInt8]) {
    let label = Array(name.utf8)
    let offset = body.count
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    let common =
      Self.u16(20) + Self.u16(0x0800) + Self.u16(0) + Self.u16(0) + Self.u16(0x21)
      + Self.u32(Self.checksum(bytes)) + Self.u32(UInt32(bytes.count))
      + Self.u32(UInt32(bytes.count)) + Self.u16(label.count) + Self.u16(0)
    body += Self.u32(0x0403_4B50) + common + label + bytes
    directory +=
      Self.u32(0x0201_4B50) + Self.u16(0x0314) + common + Self.u16(0) + Self.u16(0) + Self.u16(0)
      + Self.u32(0o100644 << 16) + Self.u32(UInt32(offset)) + label
    count += 1
  }

  /// The archive.
  var bytes: [UInt8] {
    body + directory + Self.u32(0x0605_4B50) + Self.u16(0) + Self.u16(0) + Self.u16(count)
      + Self.u16(count) + Self.u32(UInt32(directory.count)) + Self.u32(UInt32(body.count))
      + Self.u16(0)
  }

  private static func u16(_ value: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
  }

  private static func u32(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in table[Int((sum ^ UInt32(byte)) & 255)] ^ sum >> 8 }
  }
}
