import Diagnostics

/// One record of a central directory. Source: APPNOTE.TXT 6.3.10, 4.3.12 and 4.5.3.
struct ZipRecord {
  let name: String
  /// The size in the file.
  let size: Int
  /// How the bytes are packed; 0: not at all.
  let method: UInt16
  let isEncrypted: Bool
  let headerOffset: Int

  /// Reads the next record.
  init(_ cursor: inout ByteCursor) throws {
    let place = cursor.position
    guard try cursor.integer(UInt32.self) == 0x0201_4B50 else {
      throw CheckpointFailure.archive("a directory record is damaged", at: place)
    }
    _ = try cursor.take(4)
    let flags = try cursor.integer(UInt16.self)
    let method = try cursor.integer(UInt16.self)
    _ = try cursor.take(8)
    var packed = UInt64(try cursor.integer(UInt32.self))
    var size = UInt64(try cursor.integer(UInt32.self))
    let nameLength = Int(try cursor.integer(UInt16.self))
    let extraLength = Int(try cursor.integer(UInt16.self))
    let commentLength = Int(try cursor.integer(UInt16.self))
    _ = try cursor.take(8)
    var offset = UInt64(try cursor.integer(UInt32.self))
    let name = String(decoding: try cursor.take(nameLength), as: UTF8.self)
    let extra = ByteCursor(try cursor.take(extraLength))
    _ = try cursor.take(commentLength)
    try Self.widen(&size, &packed, &offset, from: extra)
    guard method != 0 || packed == size, let count = Int(exactly: packed),
      let start = Int(exactly: offset)
    else {
      throw CheckpointFailure.archive("entry '\(name)' has impossible sizes", at: place)
    }
    self.name = name
    self.size = count
    self.method = method
    isEncrypted = flags & 1 != 0
    headerOffset = start
  }

  /// Where the entry's bytes begin, by its local header.
  func dataStart(in bytes: UnsafeRawBufferPointer) throws -> Int {
    guard headerOffset >= 0, headerOffset <= bytes.count - 30,
      ZipDirectory.signature(bytes, headerOffset) == 0x0403_4B50
    else {
      throw CheckpointFailure.archive("entry '\(name)' has no header", at: headerOffset)
    }
    let nameLength = Int(bytes[headerOffset + 26]) | Int(bytes[headerOffset + 27]) << 8
    let extraLength = Int(bytes[headerOffset + 28]) | Int(bytes[headerOffset + 29]) << 8
    return headerOffset + 30 + nameLength + extraLength
  }

  private static func widen(
    _ size: inout UInt64,
    _ packed: inout UInt64,
    _ offset: inout UInt64,
    from extra: ByteCursor
  ) throws {
    let marker: UInt64 = 0xFFFF_FFFF
    guard size == marker || packed == marker || offset == marker else { return }
    var extra = extra
    while extra.remaining >= 4 {
      let kind = try extra.integer(UInt16.self)
      var body = ByteCursor(try extra.take(Int(try extra.integer(UInt16.self))))
      guard kind == 1 else { continue }
      if size == marker { size = try body.integer(UInt64.self) }
      if packed == marker { packed = try body.integer(UInt64.self) }
      if offset == marker { offset = try body.integer(UInt64.self) }
      return
    }
  }
}
