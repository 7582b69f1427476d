import Files
import FoundationEssentials

/// What a long run has found so far, in a file, so that a stopped run can go on. It is believed only
/// under the same key: the digests and settings that results depend on.
struct WorkFile<Result: Codable> {
  private struct Contents: Codable {
    var key: String
    var results: [String: Result]
  }

  private let path: String?
  private var contents: Contents

  /// Opens what there is; nil keeps results in memory only.
  init(_ path: String?, key parts: [String]) {
    let key = Array(parts.joined(separator: "\u{1F}").utf8).withUnsafeBytes { SHA256.hex($0) }
    self.path = path
    contents = Contents(key: key, results: [:])
    guard let path, let file = try? MappedFile(path: path), file.count < 1 << 26,
      let known = withExtendedLifetime(
        file,
        { try? JSONDecoder().decode(Contents.self, from: Data(file.bytes)) }
      ), known.key == key
    else { return }
    contents = known
  }

  /// A result; nil where it was not found yet.
  subscript(name: String) -> Result? { contents.results[name] }

  /// Keeps a result.
  /// - Throws: IDs of `file.`.
  mutating func keep(_ result: Result, as name: String) throws {
    contents.results[name] = result
    guard let path else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try AtomicFile.write(Array(try encoder.encode(contents)), to: path)
  }
}
