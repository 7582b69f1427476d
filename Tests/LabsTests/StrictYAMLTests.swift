import Diagnostics
import Reports
import TestSupport
import Testing

@testable import Labs

@Suite struct StrictYAMLTests {
  private func failure(_ text: String) -> DeployError? {
    do {
      _ = try StrictYAML.parse(text, as: "x.yaml")
      return nil
    } catch { return error as? DeployError }
  }

  @Test(arguments: [
    "a: &anchor b\n", "a: *anchor\n", "a: !!str b\n", "a: [&x 1, *x]\n", "<<: {a: b}\n",
    "a: b\na: c\n", "a: b\n---\nc: d\n", "a: [1, 2\n", "",
    "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n",
  ])
  func refusesWhatTheSubsetDoesWithout(_ text: String) {
    #expect(failure(text)?.id == .courseInvalidYAML, "\(text)")
  }

  @Test func refusesDepth() {
    let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    #expect(failure("a: \(deep)\n")?.id == .courseInvalidYAML)
    let deeper = String(repeating: "[", count: 100_000)
    #expect(failure("a: \(deeper)\n")?.id == .courseInvalidYAML)
  }

  @Test func namesFileAndLineOfAnUnknownKey() throws {
    let value = try StrictYAML.parse("en: one\nzh-Hans: two\nfr: trois\n", as: "x.yaml")
    do {
      _ = try value.localized()
      Issue.record("a key too many was read over")
    } catch let error as DeployError {
      #expect(error.id == .courseUnknownKey)
      #expect(error.diagnostics[0].location == .file(path: "x.yaml:3"))
    }
  }

  @Test(arguments: ["yes", "No", "~", "null", "1.0", "17", "true"])
  func refusesTextsThatYAMLWouldGuessAbout(_ word: String) throws {
    let plain = try StrictYAML.parse("a: \(word)\n", as: "x.yaml")
    let quoted = try StrictYAML.parse("a: \"\(word)\"\n", as: "x.yaml")
    let text = { (value: YAMLValue) in try value.fields { try $0["a"].text() } }
    #expect(errorID { _ = try text(plain) } == .courseInvalidValue)
    #expect(try text(quoted) == word)
  }

  /// Every prefix, and every byte changed: an error or a value, never a trap.
  @Test func survivesDamage() throws {
    let text = "a: { en: \"x {y}\", zh-Hans: '中' }\nb: [1, 2.5, true]\nc:\n  - d: e\n"
    let bytes = Array(text.utf8)
    for count in bytes.indices {
      _ = failure(String(decoding: bytes[..<count], as: UTF8.self))
    }
    var random = SeededGenerator(seed: 5)
    for index in bytes.indices {
      for _ in 0..<4 {
        var changed = bytes
        changed[index] = UInt8.random(in: 0...255, using: &random)
        _ = failure(String(decoding: changed, as: UTF8.self))
      }
    }
  }

  @Test func putsValuesIntoSentencesOnce() {
    let text = Messages.fill("{a} of {b}, {c}", ["a": "{b}", "b": "2"])
    #expect(text == "{b} of 2, {c}")
  }

  @Test func fadesASource() {
    let source = FadedSource(
      text:
        "a\n#@fade 3 en: do it | zh-Hans: 做\n#@instead x = 0\nx = 1\n#@end\n#@fade 2 en: b\ny\n#@end\nz"
    )
    #expect(source.rendered(scaffold: 3, language: .english) == "a\nx = 1\ny\nz")
    #expect(source.rendered(scaffold: 2, language: .chinese) == "a\n# TODO: 做\nx = 0\ny\nz")
    #expect(
      source.rendered(scaffold: 1, language: .english) == "a\n# TODO: do it\nx = 0\n# TODO: b\nz"
    )
  }
}
