import FoundationEssentials

/// The data that a page's scripts read: JSON texts by name.
struct PageData {
  private(set) var texts: [(name: String, json: String)] = []

  /// Keeps a value and gives its name.
  mutating func add(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    // Documents may hold numbers that JSON cannot: a chart without its data says so by itself.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "∞",
      negativeInfinity: "-∞",
      nan: "NaN"
    )
    let json = (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    let name = "data-\(texts.count)"
    texts.append((name, Self.inert(json)))
    return name
  }

  /// JSON that cannot end the script element that holds it, whatever it says.
  static func inert(_ json: String) -> String {
    guard json.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }) else {
      return json
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(json.utf8.count + 64)
    for byte in json.utf8 {
      switch byte {
      case UInt8(ascii: "<"): bytes += Array("\\u003c".utf8)
      case UInt8(ascii: ">"): bytes += Array("\\u003e".utf8)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
