import Diagnostics

/// Where a zip archive's central directory is. Source: APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16.
struct ZipDirectory {
  let offset: Int
  let end: Int
  let count: Int

  /// Finds the directory from the end of the file.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    let place = try Self.endRecord(in: bytes)
    var cursor = ByteCursor(bytes, from: place + 4)
    _ = try cursor.take(4)
    _ = try cursor.integer(UInt16.self)
    var count = UInt64(try cursor.integer(UInt16.self))
    var size = UInt64(try cursor.integer(UInt32.self))
    var offset = UInt64(try cursor.integer(UInt32.self))
    var limit = place
    if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      (count, size, offset, limit) = try Self.zip64(bytes, before: place)
    }
    guard let start = Int(exactly: offset), let length = Int(exactly: size), start <= limit,
      length <= limit - start
    else {
      throw CheckpointFailure.archive("the directory does not fit the file", at: place)
    }
    // Each record takes 46 bytes at least, so the count bounds what is allocated for it.
    guard count <= UInt64(length / 46) else {
      throw CheckpointFailure.archive("\(count) entries do not fit \(length) bytes", at: place)
    }
    self.offset = start
    self.end = start + length
    self.count = Int(count)
  }

  private static func endRecord(in bytes: UnsafeRawBufferPointer) throws -> Int {
    let earliest = max(0, bytes.count - 22 - 0xFFFF)
    for place in stride(from: bytes.count - 22, through: earliest, by: -1)
    where bytes[place] == 0x50 && signature(bytes, place) == 0x0605_4B50 {
      let comment = Int(bytes[place + 20]) | Int(bytes[place + 21]) << 8
      if place + 22 + comment == bytes.count { return place }
    }
    throw CheckpointFailure.truncated(
      "starts as a zip archive and has no directory at its end (\(bytes.count) bytes)"
    )
  }

  private static func zip64(
    _ bytes: UnsafeRawBufferPointer,
    before place: Int
  ) throws -> (count: UInt64, size: UInt64, offset: UInt64, limit: Int) {
    guard place >= 20, signature(bytes, place - 20) == 0x0706_4B50 else {
      throw CheckpointFailure.archive("the ZIP64 locator is missing", at: place)
    }
    var locator = ByteCursor(bytes, from: place - 20 + 8)
    guard let record = Int(exactly: try locator.integer(UInt64.self)), record >= 0,
      record <= place - 20 - 56, signature(bytes, record) == 0x0606_4B50
    else {
      throw CheckpointFailure.archive("the ZIP64 end record is missing", at: place - 20)
    }
    var cursor = ByteCursor(bytes, from: record + 32)
    let count = try cursor.integer(UInt64.self)
    let size = try cursor.integer(UInt64.self)
    let offset = try cursor.integer(UInt64.self)
    return (count, size, offset, record)
  }

  /// The four bytes at `place`, which lie inside.
  static func signature(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
  }
}
