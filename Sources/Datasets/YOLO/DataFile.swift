import Diagnostics

/// The part of YAML that YOLOv5's `data.yaml` is written in: one map of scalars, of lists and of
/// maps of scalars, in block or flow style, with comments and quotation marks. Texts of several
/// lines (`download: |`) are passed over. A key that stands twice is an error.
///
/// Messages name lines by their number and never quote them: the path may have led to a file of
/// another kind, whose content is nobody's business.
struct DataFile {
  /// A value of the map.
  enum Value: Equatable {
    case text(String)
    case list([String])
    /// In the file's order.
    case map([Pair])
  }

  /// One entry of an inner map.
  struct Pair: Equatable {
    let key: String
    let value: String
  }

  private(set) var values: [String: Value] = [:]

  /// - Throws: `dataset.malformed`, naming the line.
  init(_ text: String) throws {
    let lines = Self.logicalLines(text)
    var index = 0
    var places: [String: Int] = [:]
    while index < lines.count {
      let line = lines[index]
      guard line.indent == 0, let (key, rest) = Self.entry(line.text) else {
        throw Self.invalid(line, "'key: value' is expected")
      }
      if let first = places.updateValue(line.number, forKey: key) {
        throw Self.invalid(line, "the key of line \(first) stands here again")
      }
      index += 1
      if Self.opensText(rest) { continue }
      if !rest.isEmpty {
        values[key] = try Self.value(rest, line)
        continue
      }
      var items: [Line] = []
      while index < lines.count,
        lines[index].indent > 0 || lines[index].text.hasPrefix("- ") || lines[index].text == "-"
      {
        items.append(lines[index])
        index += 1
      }
      values[key] = try Self.block(items)
    }
  }

  /// A single value as text; nil where it is absent.
  func text(_ key: String) -> String? {
    if case .text(let text) = values[key] { return text }
    return nil
  }

  // MARK: Lines

  private struct Line {
    let number: Int
    let indent: Int
    var text: String
  }

  /// Lines without comments and empty ones; a flow list or map goes on until it is closed.
  private static func logicalLines(_ text: String) -> [Line] {
    var lines: [Line] = []
    var (isOpen, isText) = (false, false)
    let rows = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, row) in rows.enumerated() {
      let bare = withoutComment(row)
      let indent = bare.prefix { $0 == " " || $0 == "\t" }.count
      let content = trimmed(bare)
      if isText, indent > 0 || content.isEmpty { continue }
      guard !content.isEmpty, !content.hasPrefix("---"), !content.hasPrefix("%") else { continue }
      isText = !isOpen && entry(content).map { opensText($0.rest) } ?? false
      if isOpen {
        lines[lines.count - 1].text += " " + content
      } else {
        lines.append(Line(number: number + 1, indent: indent, text: content))
      }
      isOpen = !isBalanced(lines[lines.count - 1].text)
    }
    return lines
  }

  /// Whether a value says that a text of several lines follows: `|`, `>`, `|-`, `>2+`.
  private static func opensText(_ value: String) -> Bool {
    guard let first = value.first, "|>".contains(first) else { return false }
    return value.dropFirst().allSatisfy { "+-123456789".contains($0) }
  }

  private static func isBalanced(_ text: String) -> Bool {
    var depth = 0
    scan(text[...]) { character, _ in
      if "[{".contains(character) { depth += 1 }
      if "]}".contains(character) { depth -= 1 }
      return true
    }
    return depth <= 0
  }

  /// Gives the characters outside quotation marks until `body` says no.
  private static func scan(_ text: Substring, _ body: (Character, String.Index) -> Bool) {
    var quote: Character?
    for index in text.indices {
      let character = text[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if (character == "'" || character == "\"") && startsToken(text, index) {
        quote = character
      } else if !body(character, index) {
        return
      }
    }
  }

  /// A quotation mark inside a word, as in `it's`, is a letter.
  private static func startsToken(_ text: Substring, _ index: String.Index) -> Bool {
    guard index > text.startIndex else { return true }
    return " \t[{,:".contains(text[text.index(before: index)])
  }

  private static func withoutComment(_ row: Substring) -> Substring {
    var end = row.endIndex
    scan(row) { character, index in
      guard character == "#" else { return true }
      let isFirst = index == row.startIndex || row[row.index(before: index)].isWhitespace
      if isFirst { end = index }
      return !isFirst
    }
    return row[..<end]
  }

  // MARK: Values

  /// `key: rest`; nil where there is no colon followed by space or the end.
  private static func entry(_ text: String) -> (key: String, rest: String)? {
    var place: String.Index?
    scan(text[...]) { character, index in
      guard character == ":" else { return true }
      let next = text.index(after: index)
      guard next == text.endIndex || text[next].isWhitespace else { return true }
      place = index
      return false
    }
    guard let place else { return nil }
    let key = unquoted(trimmed(text[..<place]))
    guard !key.isEmpty else { return nil }
    return (key, trimmed(text[text.index(after: place)...]))
  }

  private static func value(_ text: String, _ line: Line) throws -> Value {
    guard let first = text.first, "[{".contains(first) else {
      guard let first = text.first, !"|>&*!".contains(first) else {
        throw invalid(line, "this form of YAML is not understood")
      }
      return .text(unquoted(text))
    }
    guard text.hasSuffix(first == "[" ? "]" : "}"), isBalanced(text) else {
      throw invalid(line, "'\(first)' is not closed")
    }
    let parts = split(text.dropFirst().dropLast())
    if first == "[" { return .list(parts.map(unquoted)) }
    return .map(try pairs(parts.map { ($0, line) }))
  }

  private static func block(_ lines: [Line]) throws -> Value {
    guard let first = lines.first else { return .text("") }
    if first.text.hasPrefix("-") {
      return .list(
        try lines.map { line in
          guard line.text.hasPrefix("-") else { throw invalid(line, "'- value' is expected") }
          return unquoted(trimmed(line.text.dropFirst()))
        }
      )
    }
    return .map(try pairs(lines.map { ($0.text, $0) }))
  }

  private static func pairs(_ entries: [(text: String, line: Line)]) throws -> [Pair] {
    var known: Set<String> = []
    return try entries.map { text, line in
      let pair = try pair(text, line)
      guard known.insert(pair.key).inserted else {
        throw invalid(line, "a key of this map stands twice")
      }
      return pair
    }
  }

  private static func pair(_ text: String, _ line: Line) throws -> Pair {
    guard let (key, rest) = entry(text), !"[{|>&*!".contains(rest.first ?? " ") else {
      throw invalid(line, "'key: value' is expected")
    }
    return Pair(key: key, value: unquoted(rest))
  }

  /// Parts between commas outside quotation marks.
  private static func split(_ text: Substring) -> [String] {
    var parts: [String] = []
    var start = text.startIndex
    scan(text) { character, index in
      if character == "," {
        parts.append(trimmed(text[start..<index]))
        start = text.index(after: index)
      }
      return true
    }
    parts.append(trimmed(text[start...]))
    if parts.last == "" { parts.removeLast() }
    return parts
  }

  private static func unquoted(_ text: String) -> String {
    guard let first = text.first, first == "'" || first == "\"", text.count >= 2,
      text.last == first
    else { return text }
    return String(text.dropFirst().dropLast())
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let rest = text.drop(while: \.isWhitespace)
    return String(rest.reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func invalid(_ line: Line, _ message: String) -> DeployError {
    DeployError(
      .datasetMalformed,
      "line \(line.number): \(message)",
      at: .file(path: ""),
      remedy: "write the file as YOLOv5's data sets do: path, val, names as list or map"
    )
  }
}
