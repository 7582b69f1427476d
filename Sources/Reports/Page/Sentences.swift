/// Finds the catalogue's text of a sentence that a document holds.
///
/// Documents say their verdicts in English, whoever reads them. The keys `said.…` of the catalogue
/// are the sentences that this program writes; one is recognised by what stands around its
/// insertions. What is not recognised stays as it is, so in English a page always says exactly what
/// the document says.
struct Sentences: Sendable {
  /// The sentences of the English catalogue.
  static let known = Sentences(Words(.english))

  fileprivate struct Template: Sendable {
    let key: String
    /// What stands before, between and after the insertions.
    let pieces: [String]
    /// Which insertion stands at each gap.
    let order: [Int]
  }

  /// How sentences are joined in documents, and the key for each.
  private static let joints = [
    ("; ", "said.joined.semicolon"), (". ", "said.joined.stop"), (", ", "said.joined.comma"),
  ]

  private let templates: [Template]

  private init(_ words: Words) {
    let found = words.texts.filter {
      $0.key.hasPrefix("said.") && !$0.key.hasPrefix("said.joined.")
    }
    .map { Self.template($0.key, $0.value) }
    // The more a template says itself, the surer it is.
    templates = found.sorted { left, right in
      let (one, other) = (left.weight, right.weight)
      return one == other ? left.key < right.key : one > other
    }
  }

  /// The text's phrase, its insertions looked up likewise.
  func phrase(_ text: String) -> Phrase { sentence(text, depth: 0) ?? .text(text) }

  private func sentence(_ text: String, depth: Int) -> Phrase? {
    // Nothing of ours is so long or so nested; a hostile document could be both.
    guard text.utf8.count <= 1000, depth < 6 else { return nil }
    for template in templates {
      if let parts = Self.match(text, template) {
        return .word(template.key, parts.map { sentence($0, depth: depth + 1) ?? .text($0) })
      }
    }
    for (joint, key) in Self.joints {
      guard let place = Self.range(of: joint, in: text[...]) else { continue }
      let rest = String(text[place.upperBound...])
      let start = String(text[..<place.lowerBound])
      guard let first = sentence(start, depth: depth + 1),
        let second = sentence(rest, depth: depth + 1)
      else { continue }
      return .word(key, [first, second])
    }
    return nil
  }

  private static func template(_ key: String, _ text: String) -> Template {
    var (pieces, order) = ([""], [Int]())
    var rest = text[...]
    while let character = rest.popFirst() {
      if character == "{", let digit = rest.first?.wholeNumberValue, rest.dropFirst().first == "}" {
        order.append(digit)
        pieces.append("")
        rest = rest.dropFirst(2)
      } else {
        pieces[pieces.count - 1].append(character)
      }
    }
    return Template(key: key, pieces: pieces, order: order)
  }

  /// The insertions by number; nil where the text is not of this form.
  private static func match(_ text: String, _ template: Template) -> [String]? {
    let pieces = template.pieces
    guard pieces.count > 1 else { return pieces[0] == text ? [] : nil }
    guard text.hasPrefix(pieces[0]) else { return nil }
    var rest = text.dropFirst(pieces[0].count)
    var parts = [String](repeating: "", count: pieces.count - 1)
    for (gap, piece) in pieces.dropFirst().enumerated() {
      let isLast = gap == pieces.count - 2
      let end: Range<Substring.Index>?
      if isLast {
        end = rest.hasSuffix(piece) ? rest.dropLast(piece.count).endIndex..<rest.endIndex : nil
      } else {
        end = range(of: piece, in: rest)
      }
      guard let end, end.lowerBound > rest.startIndex, parts.indices.contains(template.order[gap])
      else { return nil }
      parts[template.order[gap]] = String(rest[..<end.lowerBound])
      rest = rest[end.upperBound...]
    }
    return parts
  }

  private static func range(of part: String, in text: Substring) -> Range<Substring.Index>? {
    guard let first = part.first else { return nil }
    var start = text.startIndex
    while let place = text[start...].firstIndex(of: first) {
      if text[place...].hasPrefix(part) {
        return place..<text.index(place, offsetBy: part.count)
      }
      start = text.index(after: place)
    }
    return nil
  }
}

extension Sentences.Template {
  /// How many characters are the template's own.
  fileprivate var weight: Int { pieces.reduce(0) { $0 + $1.count } }
}
