import Diagnostics
import Files
package import Reports

/// A lab's text in both languages, section by section.
///
/// A section begins with a heading `## Title {#id}`. The languages have the same ids in the same order and
/// the same blocks of code. The Chinese text states for each section the digest of the English one that
/// it was written for (`<!-- src: 0123456789ab -->`), so that a section left behind shows.
package struct TextPair: Sendable {
  /// One section.
  package struct Section: Sendable {
    package let id: String
    package let title: String
    /// Markdown below the heading.
    package let body: String
    let source: String?
    let code: [String]

    /// The first twelve digits of the digest of title and body.
    package var digest: String {
      Array("\(title)\n\(body)".utf8).withUnsafeBytes { String(SHA256.hex($0).prefix(12)) }
    }
  }

  package let english: [Section]
  package let chinese: [Section]

  /// - Throws: `course.texts-differ`.
  init(english: String, chinese: String, name: String) throws {
    self.english = try Self.sections(english, "labs/\(name)/text/en.md")
    self.chinese = try Self.sections(chinese, "labs/\(name)/text/zh-Hans.md")
    guard self.english.map(\.id) == self.chinese.map(\.id) else {
      throw DeployError.course(
        .courseTextsDiffer,
        "the sections \(self.chinese.map(\.id)) are not those of en.md, \(self.english.map(\.id))",
        in: "labs/\(name)/text/zh-Hans.md",
        line: 1
      )
    }
    for (a, b) in zip(self.english, self.chinese) where a.code != b.code {
      throw DeployError.course(
        .courseTextsDiffer,
        "the code in section '\(a.id)' is not that of en.md",
        in: "labs/\(name)/text/zh-Hans.md",
        line: 1
      )
    }
  }

  /// The ids of sections whose Chinese text was written for another English one.
  package var stale: [String] {
    zip(english, chinese).filter { $0.digest != $1.source }.map(\.0.id)
  }

  /// The sections of a language.
  package subscript(_ language: ReportLanguage) -> [Section] {
    language == .chinese ? chinese : english
  }

  /// The whole text of a language as Markdown.
  package func markdown(_ language: ReportLanguage) -> String {
    self[language].map { "## \($0.title)\n\n\($0.body)" }.joined(separator: "\n\n") + "\n"
  }

  private static func sections(_ text: String, _ file: String) throws -> [Section] {
    var sections: [Section] = []
    var heading: (id: String, title: String)?
    var (body, source): ([String], String?) = ([], nil)
    var (code, block): ([String], [String]?) = ([], nil)
    func close() {
      guard let heading else { return }
      let trimmed = body.joined(separator: "\n").trimmingNewlines
      sections.append(
        Section(
          id: heading.id,
          title: heading.title,
          body: trimmed,
          source: source,
          code: code
        )
      )
      (body, source, code) = ([], nil, [])
    }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.hasPrefix("```") {
        if let lines = block { code.append(lines.joined(separator: "\n")) }
        block = block == nil ? [] : nil
      } else {
        block?.append(String(line))
      }
      if block == nil, line.hasPrefix("## ") {
        close()
        guard let mark = line.firstRange(of: " {#"), line.hasSuffix("}") else {
          throw DeployError.course(
            .courseTextsDiffer,
            "a heading states no {#id}",
            in: file,
            line: index + 1
          )
        }
        heading = (
          String(line[mark.upperBound...].dropLast()), String(line[..<mark.lowerBound].dropFirst(3))
        )
      } else if line.hasPrefix("<!-- src: "), line.hasSuffix(" -->") {
        source = String(line.dropFirst(10).dropLast(4))
      } else {
        body.append(String(line))
      }
    }
    close()
    return sections
  }
}

extension String {
  fileprivate var trimmingNewlines: String {
    var text = Substring(self)
    while text.first == "\n" { text.removeFirst() }
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }
}
