/// What of a learner's README.md can be checked: commands, numbers and links.
///
/// - **Commands** stand in fenced blocks whose info string is `run`, one on a line; empty lines and lines that begin with `#` are left out.
///   A line is split at spaces; `'…'` and `"…"` keep spaces. There is no shell: what only a shell understands is refused.
/// - **Numbers** are those directly before a comment `<!-- claim NAME -->`, such as `3.1<!-- claim ms --> ms`.
/// - **Links** are Markdown's, in a line (`[text](target)`) or below (`[text]: target`), outside of code.
struct Readme: Sendable {
  static let byteLimit = 64 << 10
  static let commandLimit = 12
  private static let (claimLimit, linkLimit, lineLimit) = (40, 100, 500)

  struct Command: Sendable, Hashable {
    let line: Int
    let text: String
    /// nil where only a shell would understand the line.
    let words: [String]?
  }
  struct Claim: Sendable, Hashable {
    let name: String
    /// nil where no number stands before the comment.
    let value: Double?
  }
  private(set) var commands: [Command] = []
  private(set) var claims: [Claim] = []
  private(set) var links: [String] = []
  /// Why it was not read; then nothing else is.
  private(set) var problem: String?

  /// Reads a file of any content, in time that grows with its size only.
  init(_ bytes: [UInt8]) {
    guard bytes.count <= Self.byteLimit else {
      problem = "README.md holds more than \(Self.byteLimit >> 10) KiB"
      return
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      problem = "README.md is not UTF-8"
      return
    }
    // The length of the fence that is open, and whether its lines are commands.
    var fence: (ticks: Int, runs: Bool)?
    for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = Self.trimmed(raw)
      let ticks = line.prefix { $0 == "`" }.count
      if let open = fence {
        if ticks >= open.ticks, ticks == line.count {
          fence = nil
        } else if open.runs {
          add(command: line, index + 1)
        }
      } else if ticks >= 3 {
        fence = (ticks, Self.trimmed(line.dropFirst(ticks)) == "run")
      } else {
        readClaims(line)
        readLinks(line)
      }
      guard problem == nil else { return }
    }
  }

  private mutating func add(command line: Substring, _ number: Int) {
    guard !line.isEmpty, line.first != "#" else { return }
    guard commands.count < Self.commandLimit, line.utf8.count <= Self.lineLimit else {
      problem =
        "more than \(Self.commandLimit) commands, or one of more than \(Self.lineLimit) bytes"
      commands = []
      return
    }
    commands.append(Command(line: number, text: String(line), words: Self.words(line)))
  }

  /// The words of a command; nil where it would need a shell.
  static func words(_ line: Substring) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " || character == "\t" {
        if let whole = word { words.append(whole) }
        word = nil
      } else if "|&;<>$`(){}*?~\\!".contains(character) {
        return nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil else { return nil }
    if let whole = word { words.append(whole) }
    return words.first?.isEmpty == false && words.allSatisfy { !$0.utf8.contains(0) } ? words : nil
  }

  private mutating func readClaims(_ line: Substring) {
    var rest = line
    // Between backticks it is only spoken of.
    var ticks = 0
    while let mark = rest.firstRange(of: "<!-- claim "), claims.count < Self.claimLimit {
      let tail = rest[mark.upperBound...]
      guard let end = tail.firstRange(of: "-->") else { return }
      let name = Self.trimmed(tail[..<end.lowerBound])
      ticks += rest[..<mark.lowerBound].count { $0 == "`" }
      if Self.isName(name), ticks % 2 == 0 {
        let claim = Claim(name: String(name), value: Self.lastNumber(rest[..<mark.lowerBound]))
        claims.append(claim)
      }
      ticks += name.count { $0 == "`" }
      rest = tail[end.upperBound...]
    }
  }

  static func isName(_ text: Substring) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || [0x2D, 0x2E, 0x2F, 0x5F].contains($0)
      }
  }

  /// The number that a text ends with, be it emphasised or followed by `%`.
  private static func lastNumber(_ text: Substring) -> Double? {
    var rest = text
    while let last = rest.last, " *_`%".contains(last) { rest.removeLast() }
    var digits = rest.suffix(32)
    while let index = digits.lastIndex(where: { !"0123456789.eE+-".contains($0) }) {
      digits = digits[digits.index(after: index)...]
    }
    while !digits.isEmpty {
      if let value = Double(digits), value.isFinite { return value }
      digits.removeFirst()
    }
    return nil
  }

  private mutating func readLinks(_ line: Substring) {
    // What stands between single backticks is code.
    var text = ""
    for (index, part) in line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
    where index % 2 == 0 {
      text += part + " "
    }
    if text.first == "[", let colon = text.firstRange(of: "]: ") {
      add(link: text[colon.upperBound...])
    }
    var rest = text[...]
    while let mark = rest.firstRange(of: "](") {
      let tail = rest[mark.upperBound...]
      guard let end = tail.firstIndex(of: ")") else { return }
      add(link: tail[..<end])
      rest = tail[tail.index(after: end)...]
    }
  }

  private mutating func add(link text: Substring) {
    var target = Self.trimmed(text).prefix { $0 != " " }
    if target.first == "<", target.last == ">" { target = target.dropFirst().dropLast() }
    guard !target.isEmpty, links.count < Self.linkLimit else { return }
    links.append(String(target.prefix(300)))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var rest = text
    while let first = rest.unicodeScalars.first, " \t\r".unicodeScalars.contains(first) {
      rest = Substring(rest.unicodeScalars.dropFirst())
    }
    while let last = rest.unicodeScalars.last, " \t\r".unicodeScalars.contains(last) {
      rest = Substring(rest.unicodeScalars.dropLast())
    }
    return rest
  }
}

extension Readme {
  /// What is wrong with a link; nil where it leads to something, or out to the network or a heading, which nobody can check here.
  static func problem(ofLink target: String, files: Set<String>) -> String? {
    guard isInside(target) else { return nil }
    let path = target.prefix { $0 != "#" && $0 != "?" }
    guard !path.hasPrefix("/") else { return "outside" }
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." {
        guard parts.popLast() != nil else { return "outside" }
      } else {
        parts.append(part)
      }
    }
    let name = parts.joined(separator: "/")
    let isThere =
      name.isEmpty || files.contains(name) || files.contains { $0.hasPrefix(name + "/") }
    return isThere ? nil : "missing"
  }

  /// Whether a link can be checked at all.
  static func isInside(_ target: String) -> Bool {
    !(target.hasPrefix("#") || target.contains("://") || target.hasPrefix("mailto:"))
  }
}
