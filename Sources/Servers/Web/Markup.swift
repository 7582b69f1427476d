import Reports

/// A piece of a page. What is written in the source is markup; every text that is put into it is escaped,
/// also inside of attributes, which are always quoted.
struct Markup: ExpressibleByStringInterpolation, Sendable {
  var text: String

  init(raw text: String) { self.text = text }
  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  struct Interpolation: StringInterpolationProtocol {
    var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: some StringProtocol) {
      text += HTML.escape(String(value))
    }
    mutating func appendInterpolation(_ value: Int) { text += "\(value)" }
    mutating func appendInterpolation(_ value: Markup) { text += value.text }
    mutating func appendInterpolation(_ values: [Markup]) {
      for value in values { text += value.text }
    }
    mutating func appendInterpolation(_ value: Markup?) { text += value?.text ?? "" }
  }

  static let empty = Markup(raw: "")
}
