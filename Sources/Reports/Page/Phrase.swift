/// A piece of text on a page.
enum Phrase: Hashable {
  /// As it is: names, numbers, what documents say.
  case text(String)
  /// From the catalogue, with what is inserted.
  case word(String, [String])

  /// A text from the catalogue.
  static func word(_ key: String, _ insertions: String...) -> Phrase { .word(key, insertions) }

  /// Nothing.
  static let none = Phrase.text("")
}
