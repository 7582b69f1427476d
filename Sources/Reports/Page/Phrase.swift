/// A piece of text on a page.
indirect enum Phrase: Hashable {
  /// As it is: names, numbers, what documents say.
  case text(String)
  /// From the catalogue, with what is inserted.
  case word(String, [Phrase])

  /// A text from the catalogue.
  static func word(_ key: String, _ insertions: String...) -> Phrase {
    .word(key, insertions.map { .text($0) })
  }

  /// What a document says in English: a text of the catalogue where it is one of its sentences,
  /// otherwise the text as it is.
  static func said(_ text: String) -> Phrase { Sentences.known.phrase(text) }

  /// Nothing.
  static let none = Phrase.text("")
}

/// As the pages' scripts read it: a text, or a key of the catalogue with its insertions.
extension Phrase: Encodable {
  func encode(to encoder: any Encoder) throws {
    switch self {
    case .text(let text):
      var container = encoder.singleValueContainer()
      try container.encode(text)
    case .word(let key, let insertions):
      var container = encoder.unkeyedContainer()
      try container.encode(key)
      for insertion in insertions { try container.encode(insertion) }
    }
  }
}
