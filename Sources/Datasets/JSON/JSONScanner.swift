import Diagnostics

/// Reads a JSON document from front to back without building it: annotation files are hundreds of
/// megabytes, of which little is wanted.
struct JSONScanner {
  /// The document's bytes.
  private let bytes: UnsafeRawBufferPointer
  /// Where the next value begins.
  private(set) var offset = 0
  private var depth = 0
  /// Deeper documents are refused rather than recursed into.
  private static let depthLimit = 64

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The kind of value that follows.
  enum Kind {
    case object, array, string, number, literal
  }

  /// The kind of the next value.
  /// - Throws: `dataset.malformed`.
  mutating func kind() throws -> Kind {
    switch try peek() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "N"),
      UInt8(ascii: "I"):
      return .number
    default: return .literal
    }
  }

  /// Reads an object, giving each key; `body` must read or skip the value.
  mutating func object(_ body: (inout JSONScanner, String) throws -> Void) throws {
    try enter(UInt8(ascii: "{"))
    if try take(UInt8(ascii: "}")) { return leave() }
    repeat {
      let key = try string()
      guard try take(UInt8(ascii: ":")) else { throw damage("a ':' is missing after a key") }
      try body(&self, key)
    } while try take(UInt8(ascii: ","))
    guard try take(UInt8(ascii: "}")) else { throw damage("an object is not closed") }
    leave()
  }

  /// Reads an array; `body` must read or skip one element.
  mutating func array(_ body: (inout JSONScanner) throws -> Void) throws {
    try enter(UInt8(ascii: "["))
    if try take(UInt8(ascii: "]")) { return leave() }
    repeat { try body(&self) } while try take(UInt8(ascii: ","))
    guard try take(UInt8(ascii: "]")) else { throw damage("an array is not closed") }
    leave()
  }

  /// Passes over one value.
  mutating func skip() throws {
    switch try kind() {
    case .object: try object { scanner, _ in try scanner.skip() }
    case .array: try array { try $0.skip() }
    case .string: try skipString()
    case .number: _ = try number()
    case .literal: _ = try literal()
    }
  }

  /// Nothing but white space may follow the document.
  mutating func finish() throws {
    skipSpace()
    guard offset == bytes.count else { throw damage("something follows the document") }
  }

  // MARK: Single values

  /// Reads `true`, `false` or `null`.
  mutating func literal() throws -> Bool? {
    skipSpace()
    for (text, value) in [("true", true), ("false", false), ("null", nil)] as [(String, Bool?)]
    where starts(with: text) {
      offset += text.utf8.count
      return value
    }
    throw damage("a value is missing")
  }

  /// Reads a string.
  mutating func string() throws -> String {
    let start = offset
    let range = try rawString()
    let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
    guard raw.contains(UInt8(ascii: "\\")) else { return String(decoding: raw, as: UTF8.self) }
    guard let text = JSONEscapes.resolved(raw) else {
      offset = start
      throw damage("a string has an escape that JSON does not know")
    }
    return text
  }

  private mutating func skipString() throws { _ = try rawString() }

  /// The bytes between the quotation marks.
  private mutating func rawString() throws -> Range<Int> {
    guard try take(UInt8(ascii: "\"")) else { throw damage("a string is missing") }
    let start = offset
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        return start..<offset - 1
      case UInt8(ascii: "\\"): offset += 2
      default: offset += 1
      }
    }
    offset = bytes.count
    throw damage("the file ends inside a string")
  }

  // MARK: Characters

  /// An error at the present place.
  func damage(_ message: String) -> DeployError {
    let isEnd = offset >= bytes.count
    return DeployError(
      .datasetMalformed,
      isEnd && bytes.count > 0 ? "the file ends too early: \(message)" : message,
      at: .file(path: "", byteOffset: min(offset, bytes.count)),
      remedy: isEnd ? "fetch the file again: it is cut off" : "give a file of valid JSON"
    )
  }

  private mutating func enter(_ bracket: UInt8) throws {
    guard try take(bracket) else {
      throw damage("'\(Character(Unicode.Scalar(bracket)))' is missing")
    }
    depth += 1
    guard depth <= Self.depthLimit else { throw damage("values lie \(depth) deep in each other") }
  }

  private mutating func leave() { depth -= 1 }

  private mutating func peek() throws -> UInt8 {
    skipSpace()
    guard offset < bytes.count else { throw damage("a value is missing") }
    return bytes[offset]
  }

  private mutating func take(_ byte: UInt8) throws -> Bool {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private func starts(with text: String) -> Bool {
    bytes[min(offset, bytes.count)...].starts(with: text.utf8)
  }

  private mutating func skipSpace() {
    while offset < bytes.count, bytes[offset] <= 32 { offset += 1 }
  }

  /// Reads a number; `NaN`, `Infinity` and `-Infinity`, which Python writes, are numbers too.
  mutating func number() throws -> Double {
    skipSpace()
    for (text, value) in [("NaN", Double.nan), ("Infinity", .infinity), ("-Infinity", -.infinity)]
    where starts(with: text) {
      offset += text.utf8.count
      return value
    }
    let start = offset
    var decimal = DecimalNumber()
    while offset < bytes.count, decimal.append(bytes[offset]) { offset += 1 }
    if let value = decimal.exact { return value }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard decimal.isWhole, let value = Double(text) else {
      offset = start
      throw damage("a number is missing")
    }
    return value
  }
}
