import Diagnostics
package import Reports

extension YAMLValue {
  /// What YAML might take for something else than a text.
  private static let guessed: Set<String> = [
    "", "~", "null", "yes", "no", "on", "off", "true", "false", "y", "n",
  ]

  /// A text of at most 20,000 characters.
  /// - Throws: `course.invalid-value`.
  func text() throws -> String {
    guard case .text(let text, let isPlain) = content else { throw failure("must be a text") }
    if isPlain, Self.guessed.contains(text.lowercased()) || Double(text) != nil {
      throw failure("'\(text)' could be a number or a switch", remedy: "quote it")
    }
    guard text.utf8.count <= 60_000 else { throw failure("the text is too long") }
    return text
  }

  /// A word of lower-case letters, digits, `-`, `_` and `.`.
  /// - Throws: `course.invalid-value`.
  func word() throws -> String {
    let text = try text()
    let isWord = text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
        || [0x2D, 0x5F, 0x2E].contains($0)
    }
    guard isWord, !text.hasPrefix("."), text.utf8.count <= 64 else {
      throw failure("'\(text)' is no name", remedy: "use letters, digits, '-', '_' and '.'")
    }
    return text
  }

  /// - Throws: `course.invalid-value`.
  func number(in range: ClosedRange<Double> = -1e12...1e12) throws -> Double {
    guard case .text(let text, isPlain: true) = content, let value = Double(text),
      range.contains(value)
    else { throw failure("must be a number from \(range.lowerBound) to \(range.upperBound)") }
    return value
  }

  /// - Throws: `course.invalid-value`.
  func count(in range: ClosedRange<Int> = 0...1_000_000) throws -> Int {
    guard case .text(let text, isPlain: true) = content, let value = Int(text),
      range.contains(value)
    else { throw failure("must be a whole number from \(range.lowerBound) to \(range.upperBound)") }
    return value
  }

  /// - Throws: `course.invalid-value`.
  func flag() throws -> Bool {
    guard case .text(let text, isPlain: true) = content, let value = Bool(text) else {
      throw failure("must be true or false")
    }
    return value
  }

  /// - Throws: `course.invalid-value`.
  func list() throws -> [YAMLValue] {
    guard case .list(let elements) = content else { throw failure("must be a list") }
    return elements
  }

  /// The entries of a mapping whose keys are free.
  /// - Throws: `course.invalid-value`.
  func entries() throws -> [Entry] {
    guard case .mapping(let entries) = content else { throw failure("must be a mapping") }
    return entries
  }

  /// Reads a mapping with known keys; keys that `read` does not ask for are errors.
  /// - Throws: `course.unknown-key`, `course.missing-key`, `course.invalid-value`.
  func fields<Result>(_ read: (FieldReader) throws -> Result) throws -> Result {
    let reader = FieldReader(self, try entries())
    let result = try read(reader)
    try reader.refuseOthers()
    return result
  }

  /// A text in both languages: `{ en: …, zh-Hans: … }`.
  func localized() throws -> Localized {
    try fields { fields in
      Localized(english: try fields["en"].text(), chinese: try fields["zh-Hans"].text())
    }
  }
}

/// A mapping with known keys.
final class FieldReader {
  private let owner: YAMLValue
  private let entries: [YAMLValue.Entry]
  private var asked: Set<String> = []

  init(_ owner: YAMLValue, _ entries: [YAMLValue.Entry]) {
    self.owner = owner
    self.entries = entries
  }

  /// The value of a key that must be there.
  subscript(_ key: String) -> YAMLValue {
    get throws {
      guard let value = optional(key) else {
        throw DeployError.course(
          .courseMissingKey,
          "'\(key)' is missing",
          in: owner.file,
          line: owner.line
        )
      }
      return value
    }
  }

  /// The value of a key that may be absent.
  func optional(_ key: String) -> YAMLValue? {
    asked.insert(key)
    return entries.first { $0.key == key }?.value
  }

  func refuseOthers() throws {
    guard let other = entries.first(where: { !asked.contains($0.key) }) else { return }
    throw DeployError.course(
      .courseUnknownKey,
      "'\(other.key)' is not a key here",
      in: owner.file,
      line: other.line,
      remedy: "use one of \(asked.sorted().joined(separator: ", "))"
    )
  }
}

/// A text in the two languages of the course.
package struct Localized: Sendable, Hashable {
  package var english: String
  package var chinese: String

  package init(english: String, chinese: String) {
    self.english = english
    self.chinese = chinese
  }

  /// The text in one of them.
  package subscript(_ language: ReportLanguage) -> String {
    language == .chinese ? chinese : english
  }
}
