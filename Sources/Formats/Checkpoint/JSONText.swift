import Diagnostics

/// JSON of an untrusted header, read without Foundation. Source: RFC 8259.
enum JSONText {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONText])
  /// Members in file order; no name occurs twice.
  case object([(name: String, value: JSONText)])

  /// The member of that name.
  subscript(name: String) -> JSONText? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The elements, where all are integers.
  var integers: [Int]? {
    guard case .array(let elements) = self else { return nil }
    var result: [Int] = []
    for element in elements {
      guard case .integer(let value) = element else { return nil }
      result.append(value)
    }
    return result
  }

  /// Reads one value and the blanks around it.
  /// - Throws: `checkpoint.damaged-tensor`.
  static func parse(_ bytes: UnsafeRawBufferPointer) throws -> JSONText {
    var scanner = JSONScanner(bytes: bytes)
    let value = try scanner.value(depth: 0)
    scanner.skipBlanks()
    guard scanner.isAtEnd else { throw scanner.damaged("text follows the value") }
    return value
  }
}

/// A position in JSON text.
private struct JSONScanner {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func damaged(_ message: String) -> DeployError {
    CheckpointFailure.tensor("the JSON header is damaged at byte \(position): \(message)")
  }

  mutating func skipBlanks() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  /// Whether the next byte is `byte`, which is then skipped.
  mutating func skip(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws -> JSONText {
    guard depth < 16 else { throw damaged("values lie more than 16 levels deep") }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  private mutating func object(_ depth: Int) throws -> JSONText {
    position += 1
    var members: [(name: String, value: JSONText)] = []
    var names: Set<String> = []
    if skip(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      skipBlanks()
      let name = try string()
      guard names.insert(name).inserted else { throw damaged("a name occurs twice") }
      guard skip(UInt8(ascii: ":")) else { throw damaged("a colon is missing") }
      members.append((name, try value(depth: depth + 1)))
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw damaged("a brace is missing") }
    return .object(members)
  }

  private mutating func array(_ depth: Int) throws -> JSONText {
    position += 1
    var elements: [JSONText] = []
    if skip(UInt8(ascii: "]")) { return .array([]) }
    repeat { elements.append(try value(depth: depth + 1)) } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw damaged("a bracket is missing") }
    return .array(elements)
  }

  /// `true`, `false`, `null` or a number.
  private mutating func word() throws -> JSONText {
    let start = position
    while let byte = next, !Array(",]} \n\r\t:\"[{".utf8).contains(byte), position - start < 40 {
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default:
      if let integer = Int(text) { return .integer(integer) }
      if let first = text.utf8.first, first == 0x2D || (0x30...0x39).contains(first),
        let number = Double(text)
      {
        return .number(number)
      }
      throw damaged("'\(text)' is no value")
    }
  }

  private mutating func string() throws -> String {
    guard next == UInt8(ascii: "\"") else { throw damaged("a quotation mark is missing") }
    position += 1
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      position += 1
      if byte == UInt8(ascii: "\\") { try escape(&text) } else { text.append(byte) }
    }
    guard next != nil else { throw damaged("a string has no end") }
    position += 1
    guard let result = String(validating: text, as: UTF8.self) else {
      throw damaged("a string is not UTF-8")
    }
    return result
  }

  private mutating func escape(_ text: inout [UInt8]) throws {
    guard let kind = next else { throw damaged("a string has no end") }
    position += 1
    switch kind {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
    case UInt8(ascii: "u"):
      var code = try unit()
      if (0xD800..<0xDC00).contains(code) {
        guard next == UInt8(ascii: "\\") else { throw damaged("half a surrogate pair") }
        position += 1
        guard next == UInt8(ascii: "u") else { throw damaged("half a surrogate pair") }
        position += 1
        let low = try unit()
        guard (0xDC00..<0xE000).contains(low) else { throw damaged("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw damaged("half a surrogate pair") }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw damaged("an unknown escape")
    }
  }

  /// Four hexadecimal digits.
  private mutating func unit() throws -> UInt32 {
    let end = min(position + 4, bytes.count)
    let digits = String(decoding: bytes[position..<end], as: UTF8.self)
    guard digits.utf8.count == 4, digits.utf8.first != 0x2B, let code = UInt32(digits, radix: 16)
    else { throw damaged("four digits are missing") }
    position = end
    return code
  }
}
