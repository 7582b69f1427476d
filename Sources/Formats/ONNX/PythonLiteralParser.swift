/// Reads one Python literal from a text, byte by byte.
struct PythonLiteralParser {
  private let bytes: [UInt8]
  private var index = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  /// Whether nothing but blanks is left.
  var isAtEnd: Bool { bytes[index...].allSatisfy(Self.isBlank) }

  mutating func value(depth: Int) -> PythonLiteral? {
    skipBlanks()
    guard depth < 16, let byte = peek else { return nil }
    switch byte {
    case UInt8(ascii: "["): return items(until: UInt8(ascii: "]"), depth).map { .list($0) }
    case UInt8(ascii: "("): return items(until: UInt8(ascii: ")"), depth).map { .list($0) }
    case UInt8(ascii: "{"): return dictionary(depth)
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return text()
    default: return word()
    }
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private mutating func skipBlanks() {
    while let byte = peek, Self.isBlank(byte) { index += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard peek == byte else { return false }
    index += 1
    return true
  }

  private mutating func items(until end: UInt8, _ depth: Int) -> [PythonLiteral]? {
    index += 1
    var items: [PythonLiteral] = []
    while !take(end) {
      guard let item = value(depth: depth + 1) else { return nil }
      items.append(item)
      if take(UInt8(ascii: ",")) { continue }
      return take(end) ? items : nil
    }
    return items
  }

  private mutating func dictionary(_ depth: Int) -> PythonLiteral? {
    index += 1
    var entries: [(key: PythonLiteral, value: PythonLiteral)] = []
    while !take(UInt8(ascii: "}")) {
      guard let key = value(depth: depth + 1), take(UInt8(ascii: ":")),
        let item = value(depth: depth + 1)
      else { return nil }
      entries.append((key, item))
      if take(UInt8(ascii: ",")) { continue }
      return take(UInt8(ascii: "}")) ? .dictionary(entries) : nil
    }
    return .dictionary(entries)
  }

  private mutating func text() -> PythonLiteral? {
    let quote = bytes[index]
    index += 1
    var result: [UInt8] = []
    while let byte = peek {
      index += 1
      if byte == quote { return .text(String(decoding: result, as: UTF8.self)) }
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard let escaped = escape() else { return nil }
      result += escaped
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard let byte = peek else { return nil }
    index += 1
    switch byte {
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "x"): return codePoint(digits: 2)
    case UInt8(ascii: "u"): return codePoint(digits: 4)
    case UInt8(ascii: "U"): return codePoint(digits: 8)
    default: return [byte]
    }
  }

  private mutating func codePoint(digits: Int) -> [UInt8]? {
    guard index + digits <= bytes.count else { return nil }
    let text = String(decoding: bytes[index..<index + digits], as: UTF8.self)
    index += digits
    guard let number = UInt32(text, radix: 16), let scalar = Unicode.Scalar(number) else {
      return nil
    }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func word() -> PythonLiteral? {
    let start = index
    while let byte = peek, !Self.isBlank(byte), !",:]})".utf8.contains(byte) { index += 1 }
    switch String(decoding: bytes[start..<index], as: UTF8.self) {
    case "None": return PythonLiteral.none
    case "True": return .bool(true)
    case "False": return .bool(false)
    case let word: return Double(word).map { .number($0) }
    }
  }
}
