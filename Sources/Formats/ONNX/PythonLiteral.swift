/// The literals of Python's `repr` that exporters write into metadata: numbers, texts, None,
/// True, False, lists, tuples and dictionaries. Data only: nothing is evaluated.
indirect enum PythonLiteral: Equatable {
  case none
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([PythonLiteral])
  case dictionary([(key: PythonLiteral, value: PythonLiteral)])

  /// Parses a whole text; nil where it is anything else, or nested more than 16 deep.
  init?(_ text: String) {
    var parser = PythonLiteralParser(text)
    guard let value = parser.value(depth: 0), parser.isAtEnd else { return nil }
    self = value
  }

  static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.none, .none): true
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.text(let a), .text(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    case (.dictionary(let a), .dictionary(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }

  /// The integer, where it is one.
  var integer: Int? {
    guard case .number(let value) = self else { return nil }
    return Int(exactly: value)
  }

  /// The texts of a list, or of a dictionary from 0, 1, 2, … to texts.
  var texts: [String]? {
    switch self {
    case .list(let items):
      let texts = items.compactMap(\.string)
      return texts.count == items.count ? texts : nil
    case .dictionary(let entries):
      var texts = [String?](repeating: nil, count: entries.count)
      for entry in entries {
        let key = entry.key.integer ?? entry.key.string.flatMap(Int.init)
        guard let key, texts.indices.contains(key), let text = entry.value.string else {
          return nil
        }
        texts[key] = text
      }
      let found = texts.compactMap { $0 }
      return found.count == texts.count ? found : nil
    default: return nil
    }
  }

  private var string: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  /// `{0: 'person', 1: 'bicycle'}`.
  static func dictionary(of names: [String]) -> String {
    let entries = names.enumerated().map { "\($0): \(quoted($1))" }
    return "{" + entries.joined(separator: ", ") + "}"
  }

  private static func quoted(_ text: String) -> String {
    let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "'" where quote == "'": result += "\\'"
      default: result.unicodeScalars.append(character)
      }
    }
    return result + String(quote)
  }
}
