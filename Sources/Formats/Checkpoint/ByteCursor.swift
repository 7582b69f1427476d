import Diagnostics

/// Reads little-endian numbers one after another, never past the end.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  /// Where `bytes` begins in the file, for messages.
  let base: Int

  init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0, base: Int = 0) {
    self.bytes = bytes
    self.position = position
    self.base = base
  }

  var remaining: Int { bytes.count - position }
  /// The place of the next byte in the file.
  var offset: Int { base + position }

  mutating func byte() throws -> UInt8 {
    guard remaining > 0 else { throw CheckpointFailure.truncated("ends too early", at: offset) }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next number of `Integer`'s width.
  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type
  ) throws -> Integer {
    let slice = try take(MemoryLayout<Integer>.size)
    return Integer(littleEndian: slice.loadUnaligned(as: Integer.self))
  }

  /// The next `count` bytes, in place.
  mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else {
      throw CheckpointFailure.truncated(
        "\(count) bytes are announced, \(remaining) are left",
        at: offset
      )
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// The bytes up to the next line feed, which is skipped.
  mutating func line() throws -> UnsafeRawBufferPointer {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else {
      throw CheckpointFailure.truncated("a line has no end", at: offset)
    }
    let line = try take(end - position)
    position += 1
    return line
  }
}
