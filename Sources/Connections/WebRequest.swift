/// One HTTP request, read whole: its path and query decoded, its body within the limit.
public struct WebRequest: Sendable {
  /// `GET`, `POST` …
  public var method: String
  /// The path's parts, decoded: none is empty, `.`, `..` or holds a slash or a control character.
  public var path: [String]
  /// The query's values, decoded; of a name that stands twice the first.
  public var query: [String: String]
  /// Header fields by name in lower case; of a field that stands twice the first.
  public var headers: [String: String]
  /// The bytes after the head.
  public var body: [UInt8]
  /// The address of whoever asks, without its port.
  public var peer: String

  /// Creates a request.
  public init(
    method: String = "GET",
    path: [String] = [],
    query: [String: String] = [:],
    headers: [String: String] = [:],
    body: [UInt8] = [],
    peer: String = "127.0.0.1"
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  /// The path as text, `/labs/L03`.
  public var location: String { "/" + path.joined(separator: "/") }

  /// A cookie's value. Source: RFC 6265 §4.2.1.
  public func cookie(_ name: String) -> String? {
    for pair in (headers["cookie"] ?? "").split(separator: ";") {
      let text = pair.drop { $0 == " " }
      guard let equals = text.firstIndex(of: "="), text[..<equals] == name else { continue }
      return String(text[text.index(after: equals)...])
    }
    return nil
  }

  /// Takes a request's target apart; nil where it is no path that can be asked for.
  public static func target(_ text: String) -> (path: [String], query: [String: String])? {
    guard text.hasPrefix("/"), text.utf8.count <= 4096 else { return nil }
    let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var path: [String] = []
    for part in halves[0].split(separator: "/") {
      guard let decoded = decoded(part, plus: false), decoded != ".", decoded != "..",
        !decoded.unicodeScalars.contains(where: { $0 == "/" || $0 == "\\" || $0.value < 0x20 })
      else { return nil }
      path.append(decoded)
    }
    guard halves.count == 2 else { return (path, [:]) }
    guard let query = form(halves[1]) else { return nil }
    return (path, query)
  }

  /// The pairs of `application/x-www-form-urlencoded`; nil where it is malformed or has over 100.
  /// Source: WHATWG URL §5.1.
  public static func form(_ text: some StringProtocol) -> [String: String]? {
    var values: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard values.count < 100, let name = decoded(halves[0], plus: true),
        let value = halves.count == 2 ? decoded(halves[1], plus: true) : ""
      else { return nil }
      if values[name] == nil { values[name] = value }
    }
    return values
  }

  /// Percent-decoding; nil for half an escape or bytes that are no UTF-8. Source: RFC 3986 §2.1.
  static func decoded(_ text: some StringProtocol, plus: Bool) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
        else { return nil }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plus: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
  }
}
