/// The escapes of JSON strings.
enum JSONEscapes {
  /// The text with its escapes resolved; nil where there is one that JSON does not know.
  static func resolved(_ raw: UnsafeRawBufferPointer) -> String? {
    var units: [UInt8] = []
    var index = 0
    while index < raw.count {
      guard raw[index] == UInt8(ascii: "\\") else {
        units.append(raw[index])
        index += 1
        continue
      }
      guard index + 1 < raw.count else { return nil }
      switch raw[index + 1] {
      case UInt8(ascii: "u"):
        guard let (scalar, length) = scalar(raw, at: index) else { return nil }
        units.append(contentsOf: String(Character(scalar)).utf8)
        index += length
        continue
      case UInt8(ascii: "b"): units.append(8)
      case UInt8(ascii: "f"): units.append(12)
      case UInt8(ascii: "n"): units.append(10)
      case UInt8(ascii: "r"): units.append(13)
      case UInt8(ascii: "t"): units.append(9)
      case let other where other == 0x22 || other == 0x2F || other == 0x5C: units.append(other)
      default: return nil
      }
      index += 2
    }
    return String(decoding: units, as: UTF8.self)
  }

  /// The character of `\uXXXX`, or of two of them, and how many bytes they take.
  private static func scalar(
    _ raw: UnsafeRawBufferPointer,
    at index: Int
  ) -> (Unicode.Scalar, Int)? {
    guard let first = unit(raw, at: index) else { return nil }
    if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
    // Half of a pair: the other must follow, otherwise the replacement character stands for it.
    guard first < 0xDC00, let second = unit(raw, at: index + 6), second >> 10 == 0x37,
      let scalar = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF))
    else { return ("\u{FFFD}", 6) }
    return (scalar, 12)
  }

  private static func unit(_ raw: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
    guard index + 6 <= raw.count, raw[index] == UInt8(ascii: "\\"),
      raw[index + 1] == UInt8(ascii: "u")
    else { return nil }
    return UInt32(String(decoding: raw[index + 2..<index + 6], as: UTF8.self), radix: 16)
  }
}
