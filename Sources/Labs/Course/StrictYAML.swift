import Diagnostics
import Files
import Yams

/// The subset of YAML that courses are written in.
///
/// Texts, lists and mappings only: no anchors, aliases, tags, merge keys or documents in a row, no
/// key twice, and no value whose kind YAML would guess (`yes`, `~`, `1.0` where a text is wanted must be
/// quoted). Files have at most 1 MiB and 64 levels.
enum StrictYAML {
  static let byteLimit = 1 << 20
  private static let depthLimit = 64

  /// Reads a file.
  /// - Parameter name: how messages call it.
  /// - Throws: `course.invalid-yaml`, `file.…`.
  static func read(_ path: String, as name: String) throws -> YAMLValue {
    let bytes = try MappedFile.contents(of: path, limit: byteLimit)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DeployError.course(.courseInvalidYAML, "is not UTF-8", in: name, line: 1)
    }
    return try parse(text, as: name)
  }

  /// Reads a text.
  /// - Throws: `course.invalid-yaml`.
  static func parse(_ text: String, as name: String) throws -> YAMLValue {
    try refuseReferences(text, name)
    let root: Node?
    do {
      root = try Parser(yaml: text).singleRoot()
    } catch let error as YamlError {
      let line = Self.line(of: error)
      throw DeployError.course(.courseInvalidYAML, Self.words(of: error), in: name, line: line)
    }
    guard let root else {
      throw DeployError.course(.courseInvalidYAML, "is empty", in: name, line: 1)
    }
    return try value(root, name, depth: 0)
  }

  /// Aliases are refused before they are followed: a few lines of them stand for more nodes than there
  /// is memory. Tags would let a file choose how it is read. The rule is by characters alone, so
  /// such a word must be quoted with its first character inside the quotes, or not begin a word.
  private static func refuseReferences(_ text: String, _ name: String) throws {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      var previous: Character = " "
      for (character, next) in zip(line, line.dropFirst() + " ") {
        if character == "#", previous == " " { break }
        let opens = " [{,:?-".contains(previous)
        if opens, "&*!".contains(character), next != " ", next != "=" {
          throw DeployError.course(
            .courseInvalidYAML,
            "'\(character)\(next)' begins an anchor, alias or tag, which courses do without",
            in: name,
            line: index + 1,
            remedy: "write the value out, or quote the text"
          )
        }
        previous = character
      }
    }
  }

  private static func value(_ node: Node, _ name: String, depth: Int) throws -> YAMLValue {
    let line = node.mark?.line ?? 1
    guard depth < depthLimit else {
      throw DeployError.course(
        .courseInvalidYAML,
        "is nested deeper than \(depthLimit) levels",
        in: name,
        line: line
      )
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return YAMLValue(file: name, line: line, content: .text(scalar.string, isPlain: isPlain))
    case .sequence(let sequence):
      let elements = try sequence.map { try value($0, name, depth: depth + 1) }
      return YAMLValue(file: name, line: line, content: .list(elements))
    case .mapping(let mapping):
      let entries = try mapping.map { key, content in
        guard case .scalar(let key) = key, key.string != "<<" else {
          throw DeployError.course(
            .courseInvalidYAML,
            "a key is no plain word",
            in: name,
            line: key.mark?.line ?? line
          )
        }
        return YAMLValue.Entry(
          key: key.string,
          line: key.mark?.line ?? line,
          value: try value(content, name, depth: depth + 1)
        )
      }
      return YAMLValue(file: name, line: line, content: .mapping(entries))
    case .alias:
      throw DeployError.course(.courseInvalidYAML, "holds an alias", in: name, line: line)
    }
  }

  private static func line(of error: YamlError) -> Int {
    switch error {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      mark.line
    case .duplicatedKeysInMapping(_, let context): context.mark.line
    default: 1
    }
  }

  private static func words(of error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _),
      .composer(_, let problem, _, _):
      problem
    case .duplicatedKeysInMapping(let duplicates, _):
      "the key '\(duplicates.first.map { "\($0)" } ?? "")' is there twice"
    default: "cannot be read"
    }
  }
}

/// One value of a strict YAML file, and where it stands.
struct YAMLValue {
  struct Entry {
    let key: String
    let line: Int
    let value: YAMLValue
  }
  enum Content {
    /// Plain means without quotes, where YAML would guess a kind.
    case text(String, isPlain: Bool)
    case list([YAMLValue])
    case mapping([Entry])
  }
  let file: String
  let line: Int
  let content: Content

  func failure(_ message: String, remedy: String? = nil) -> DeployError {
    .course(.courseInvalidValue, message, in: file, line: line, remedy: remedy)
  }
}
