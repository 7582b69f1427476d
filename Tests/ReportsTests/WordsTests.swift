import Foundation
import Testing

@testable import Reports

/// The texts of the pages: the same in every language, and all there.
@Suite struct WordsTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources").standardized

  @Test func everyLanguageHasTheSameKeys() {
    let english = Words(.english).texts
    #expect(english.count > 150)
    for language in ReportLanguage.allCases {
      let words = Words(language).texts
      #expect(Set(words.keys) == Set(english.keys), "\(language)")
      for (key, text) in words {
        #expect(!text.isEmpty, "\(language) \(key)")
        #expect(Self.insertions(text) == Self.insertions(english[key] ?? ""), "\(language) \(key)")
      }
    }
  }

  @Test func chineseIsChinese() {
    let (english, chinese) = (Words(.english).texts, Words(.chinese).texts)
    let same = chinese.filter { $0.value == english[$0.key] }.keys.sorted()
    // Units and names are the same everywhere.
    #expect(same.count < 20, "\(same)")
  }

  /// `{0}`, `{1}` … of a text, sorted.
  private static func insertions(_ text: String) -> [Substring] {
    text.matches(of: /\{\d\}/).map(\.output).sorted()
  }

  @Test func everyKeyThatTheCodeNamesIsThere() throws {
    let words = Words(.english).texts
    var found = 0
    let patterns = [#/\.word\(\s*"([a-z]+\.[\w.]+)"/#, #/"((?:column|axis)\.[\w]+)"/#]
    for file in try Self.files(in: "Reports", suffix: ".swift") {
      for pattern in patterns {
        for match in file.matches(of: pattern) {
          found += 1
          #expect(words[String(match.1)] != nil, "\(match.1)")
        }
      }
    }
    let script =
      #/'((?:structure|colour|stage|details|steps|legend|zoom|timeline|span|heat|charts|table)\.[a-zA-Z]+)'/#
    for file in try Self.files(in: "CWebAssets/web", suffix: ".js") {
      for match in file.matches(of: script) {
        found += 1
        #expect(words[String(match.1)] != nil, "\(match.1)")
      }
    }
    #expect(found > 250)
  }

  private static func files(in folder: String, suffix: String) throws -> [String] {
    let root = sources.appending(path: folder)
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
    return try names.filter { $0.hasSuffix(suffix) }.map {
      try String(contentsOf: root.appending(path: $0), encoding: .utf8)
    }
  }

  @Test func insertedTextIsNotLookedInto() {
    let words = Words(.english)
    #expect(words.text("graph.became", ["{1}", "b", "{0}"]) == "{1} nodes became b by {0} edits.")
    #expect(words.text("no.such-key", ["x"]) == "no.such-key")
  }

  @Test func scriptsAndStylesAreThere() {
    for name in WebAsset.scripts + WebAsset.styles + ["page.js"] {
      #expect(WebAsset.text(name).count > 200, "\(name)")
      // What is inlined must not end the element that holds it.
      #expect(!WebAsset.text(name).contains("</script"), "\(name)")
      #expect(!WebAsset.text(name).contains("</style"), "\(name)")
    }
    #expect(WebAsset.text("nothing.js").isEmpty)
  }
}
