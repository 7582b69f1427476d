import Diagnostics

extension PickleMachine {
  mutating func pushNumber(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binaryInt: try push(.int(Int(try cursor.integer(Int32.self))))
    case .binaryInt1: try push(.int(Int(try cursor.byte())))
    case .binaryInt2: try push(.int(Int(try cursor.integer(UInt16.self))))
    case .long1: try pushLong(Int(try cursor.byte()))
    case .long4: try pushLong(Int(try cursor.integer(Int32.self)))
    case .binaryFloat:
      let bits = UInt64(bigEndian: UInt64(littleEndian: try cursor.integer(UInt64.self)))
      try push(.float(Double(bitPattern: bits)))
    case .float:
      let text = String(decoding: try cursor.line(), as: UTF8.self)
      guard let value = Double(text) else { throw damaged("'\(text.prefix(40))' is no number") }
      try push(.float(value))
    default: try pushDecimal()
    }
  }

  /// `INT` and `LONG`: decimal text; `00` and `01` are truth values.
  private mutating func pushDecimal() throws {
    var text = String(decoding: try cursor.line(), as: UTF8.self)
    if text == "00" || text == "01" { return try push(.bool(text == "01")) }
    if text.hasSuffix("L") { text.removeLast() }
    guard let value = Int(text) else {
      throw damaged("'\(text.prefix(40))' is not an integer of 64 bits")
    }
    try push(.int(value))
  }

  private mutating func pushLong(_ count: Int) throws {
    let bytes = try cursor.take(count)
    guard count > 8 else {
      // Sign-extend: the last byte holds the sign.
      var value = (bytes.last ?? 0) & 0x80 == 0 ? 0 : -1
      for byte in bytes.reversed() { value = value << 8 | Int(byte) }
      return try push(.int(value))
    }
    try push(.long(Array(bytes)))
  }

  mutating func pushText(_ opcode: PickleOpcode) throws {
    let bytes: UnsafeRawBufferPointer
    switch opcode {
    case .string:
      // Quotes off; escapes are kept as they stand (protocol 0, ASCII only).
      let line = try cursor.line()
      let quoted = line.count >= 2 && (line[0] == 0x27 || line[0] == 0x22)
      bytes = quoted ? UnsafeRawBufferPointer(rebasing: line[1..<line.count - 1]) : line
    case .unicode: bytes = try cursor.line()
    case .shortBinaryString, .shortBinaryUnicode: bytes = try cursor.take(Int(try cursor.byte()))
    case .binaryString, .binaryUnicode:
      bytes = try cursor.take(Int(try cursor.integer(UInt32.self)))
    default: bytes = try take64()
    }
    // Python 2 keeps bytes in strings.
    if let text = String(validating: bytes, as: UTF8.self) {
      try push(.string(text))
    } else if opcode == .binaryString || opcode == .shortBinaryString {
      try push(.bytes(Array(bytes)))
    } else {
      // Python may write lone surrogates; they are replaced.
      try push(.string(String(decoding: bytes, as: UTF8.self)))
    }
  }

  mutating func pushBytes(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .shortBinaryBytes: try push(.bytes(Array(try cursor.take(Int(try cursor.byte())))))
    case .binaryBytes:
      try push(.bytes(Array(try cursor.take(Int(try cursor.integer(UInt32.self))))))
    default: try push(.bytes(Array(try take64())))
    }
  }

  private mutating func take64() throws -> UnsafeRawBufferPointer {
    let count = try cursor.integer(UInt64.self)
    return try cursor.take(Int(exactly: count) ?? .max)
  }
}
