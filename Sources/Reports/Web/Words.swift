import FoundationEssentials

/// The languages of pages.
public enum ReportLanguage: String, Sendable, CaseIterable {
  case english = "en"
  case chinese = "zh-Hans"
}

/// The texts of one language by key; `{0}`, `{1}` … stand for what is inserted.
public struct Words: Sendable {
  /// The texts by key.
  public let texts: [String: String]
  /// The language.
  public let language: ReportLanguage

  /// Reads the catalogue that is compiled in.
  public init(_ language: ReportLanguage) {
    self.language = language
    let json = WebAsset.text("words.\(language.rawValue).json")
    texts = (try? JSONDecoder().decode([String: String].self, from: Data(json.utf8))) ?? [:]
  }

  /// The text of a key with its insertions; the key itself where there is none.
  public func text(_ key: String, _ insertions: [String] = []) -> String {
    // Inserted texts are not looked into: they may hold braces of their own.
    var parts = (texts[key] ?? key).split(separator: "{", omittingEmptySubsequences: false)[...]
    var result = String(parts.popFirst() ?? "")
    for part in parts {
      let digit = part.first?.wholeNumberValue
      if let digit, insertions.indices.contains(digit), part.dropFirst().first == "}" {
        result += insertions[digit] + part.dropFirst(2)
      } else {
        result += "{" + part
      }
    }
    return result
  }

  func text(_ phrase: Phrase) -> String {
    switch phrase {
    case .text(let text): text
    case .word(let key, let insertions): self.text(key, insertions.map(text))
    }
  }
}
