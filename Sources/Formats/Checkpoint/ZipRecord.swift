import Diagnostics

/// One record of a central directory. Source: APPNOTE.TXT 6.3.10, 4.3.12 and 4.5.3.
struct ZipRecord {
  let name: String
  let size: Int
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
    try Self.checkStored(name, method: method, flags: flags)
    guard packed == size, let count = Int(exactly: size), let start = Int(exactly: offset) else {
      throw CheckpointFailure.archive("entry '\(name)' has impossible sizes", at: place)
    }
    self.name = name
    self.size = count
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

  private static func checkStored(_ name: String, method: UInt16, flags: UInt16) throws {
    guard flags & 1 == 0 else {
      throw DeployError(
        .checkpointUnsupported,
        "entry '\(name)' of the zip archive is encrypted",
        remedy: "unpack the archive and use the checkpoint inside it"
      )
    }
    guard method == 0 else {
      throw DeployError(
        .checkpointUnsupported,
        "entry '\(name)' of the zip archive is compressed (method \(method)); "
          + "torch.save stores entries as they are",
        remedy: "if this archive wraps a checkpoint, unpack it; otherwise save it again with "
          + "torch.save"
      )
    }
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
