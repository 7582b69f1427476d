/// What a request is answered with.
public struct WebReply: Sendable {
  /// The status code, such as 200.
  public var status: Int
  /// Header fields in order; a name may stand more than once.
  public var headers: [(name: String, value: String)]
  /// The bytes after the head.
  public var body: [UInt8]

  /// Creates an answer.
  public init(_ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer of a kind of text or bytes.
  public init(_ status: Int = 200, type: String, _ body: [UInt8]) {
    self.init(status, headers: [("Content-Type", type)], body: body)
  }

  /// A plain text.
  public static func text(_ status: Int, _ text: String) -> WebReply {
    WebReply(status, type: "text/plain; charset=utf-8", Array((text + "\n").utf8))
  }

  /// Sends the browser to another page, which it gets with GET. Source: RFC 9110 §15.4.4.
  public static func seeOther(_ place: String) -> WebReply {
    WebReply(303, headers: [("Location", place)])
  }

  /// The same answer with a further header field.
  public func with(_ name: String, _ value: String) -> WebReply {
    var reply = self
    reply.headers.append((name, value))
    return reply
  }
}
