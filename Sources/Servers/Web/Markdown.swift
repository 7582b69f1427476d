/// The part of Markdown that the course's texts use, as markup: paragraphs, headings, lists, tables,
/// quotes, blocks and spans of code, emphasis and links. Everything else is text.
struct Markdown {
  private var lines: ArraySlice<Substring>
  private var parts: [Markup] = []

  /// The markup of a text.
  static func markup(_ text: String) -> Markup {
    var reader = Markdown(
      lines: text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    )
    while !reader.lines.isEmpty { reader.block() }
    return "\(reader.parts)"
  }

  private init(lines: ArraySlice<Substring>) { self.lines = lines }

  private mutating func block() {
    guard let line = lines.first else { return }
    let text = line.drop { $0 == " " }
    if text.isEmpty {
      lines.removeFirst()
    } else if text.hasPrefix("```") {
      code()
    } else if let level = Self.heading(text) {
      lines.removeFirst()
      let words = Self.spans(text.drop { $0 == "#" }.drop { $0 == " " })
      parts.append(Markup(raw: "<h\(level)>\(words.text)</h\(level)>"))
    } else if Self.item(text) != nil {
      list()
    } else if text.hasPrefix("|") {
      table()
    } else if text.hasPrefix("> ") {
      let quoted = take { $0.hasPrefix(">") }
      let inner = quoted.map { $0.dropFirst().drop { $0 == " " } }.joined(separator: " ")
      parts.append("<blockquote><p>\(Self.spans(inner[...]))</p></blockquote>")
    } else {
      let words = take { line in
        let text = line.drop { $0 == " " }
        return !text.isEmpty && !text.hasPrefix("```") && !text.hasPrefix("|")
          && Self.item(text) == nil && Self.heading(text) == nil
      }
      parts.append("<p>\(Self.spans(Self.joined(words)[...]))</p>")
    }
  }

  /// Lines joined as a reader would: no space between Chinese characters.
  private static func joined(_ lines: [Substring]) -> String {
    lines.reduce(into: "") { text, line in
      let next = line.drop { $0 == " " }
      let isWide = { (character: Character?) in
        character?.unicodeScalars.first.map { $0.value >= 0x2E80 } ?? false
      }
      if !text.isEmpty, !(isWide(text.last) && isWide(next.first)) { text += " " }
      text += next
    }
  }

  private mutating func take(while holds: (Substring) -> Bool) -> [Substring] {
    var taken: [Substring] = []
    while let line = lines.first, taken.isEmpty || holds(line) {
      taken.append(line)
      lines.removeFirst()
    }
    return taken
  }

  private static func heading(_ text: Substring) -> Int? {
    let count = text.prefix { $0 == "#" }.count
    // The page has a level 1 and sections have level 2.
    guard (1...4).contains(count), text.dropFirst(count).first == " " else { return nil }
    return max(3, count)
  }

  private mutating func code() {
    lines.removeFirst()
    var body: [Substring] = []
    while let line = lines.popFirst(), !line.hasPrefix("```") { body.append(line) }
    parts.append("<pre tabindex=\"0\"><code>\(body.joined(separator: "\n"))</code></pre>")
  }

  /// What follows the mark of a list's item, and whether items are numbered.
  private static func item(_ text: Substring) -> (text: Substring, isNumbered: Bool)? {
    if text.hasPrefix("- ") || text.hasPrefix("* ") { return (text.dropFirst(2), false) }
    let digits = text.prefix { $0.isNumber }
    guard (1...2).contains(digits.count), text.dropFirst(digits.count).hasPrefix(". ") else {
      return nil
    }
    return (text.dropFirst(digits.count + 2), true)
  }

  private mutating func list() {
    var items: [[Substring]] = []
    var isNumbered = false
    while let line = lines.first {
      let text = line.drop { $0 == " " }
      if let item = Self.item(text) {
        if items.isEmpty { isNumbered = item.isNumbered }
        guard item.isNumbered == isNumbered else { break }
        items.append([item.text])
      } else if !text.isEmpty, line.first == " ", !items.isEmpty {
        items[items.count - 1].append(text)
      } else {
        break
      }
      lines.removeFirst()
    }
    let rows = items.map { "<li>\(Self.spans(Self.joined($0)[...]))</li>" as Markup }
    parts.append(isNumbered ? "<ol>\(rows)</ol>" : "<ul>\(rows)</ul>")
  }

  private mutating func table() {
    let rows = take { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|", omittingEmptySubsequences: true).map { cell in
        var text = cell.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
      }
    }
    let body = rows.dropFirst().filter { !$0.allSatisfy { $0.allSatisfy { "-: ".contains($0) } } }
    let head = (rows.first ?? []).map { "<th scope=\"col\">\(Self.spans($0))</th>" as Markup }
    let cells = body.map { row in
      "<tr>\(row.map { "<td>\(Self.spans($0))</td>" as Markup })</tr>" as Markup
    }
    parts.append(
      "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>\(head)</tr></thead><tbody>\(cells)</tbody></table></div>"
    )
  }

  /// Code, emphasis and links of a line.
  static func spans(_ text: Substring) -> Markup {
    var result = Markup.empty
    var rest = text
    while let character = rest.first {
      if character == "`", let end = rest.dropFirst().firstIndex(of: "`") {
        result = "\(result)<code>\(rest[rest.index(after: rest.startIndex)..<end])</code>"
        rest = rest[rest.index(after: end)...]
      } else if rest.hasPrefix("**"), let end = rest.dropFirst(2).firstRange(of: "**") {
        result = "\(result)<strong>\(spans(rest.dropFirst(2)[..<end.lowerBound]))</strong>"
        rest = rest[end.upperBound...]
      } else if character == "*", rest.dropFirst().first != " ",
        let end = rest.dropFirst().firstIndex(of: "*")
      {
        let inner = rest[rest.index(after: rest.startIndex)..<end]
        result = "\(result)<em>\(spans(inner))</em>"
        rest = rest[rest.index(after: end)...]
      } else if character == "[", let link = link(rest) {
        result = "\(result)\(link.markup)"
        rest = link.rest
      } else {
        let plain = rest.dropFirst().prefix { !"`*[".contains($0) }
        result = "\(result)\(String(character) + plain)"
        rest = plain.endIndex < rest.endIndex ? rest[plain.endIndex...] : ""
      }
    }
    return result
  }

  /// `[words](https://…)`; other schemes stay text.
  private static func link(_ text: Substring) -> (markup: Markup, rest: Substring)? {
    guard let middle = text.firstRange(of: "]("),
      let end = text[middle.upperBound...].firstIndex(of: ")")
    else { return nil }
    let words = text[text.index(after: text.startIndex)..<middle.lowerBound]
    let address = text[middle.upperBound..<end]
    guard address.hasPrefix("https://") || address.hasPrefix("http://") || address.hasPrefix("#")
    else { return nil }
    return (
      "<a href=\"\(address)\" rel=\"noreferrer noopener\">\(words)</a>",
      text[text.index(after: end)...]
    )
  }
}
