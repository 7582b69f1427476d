public import Diagnostics
import Files
import Glibc

/// Where a command's documents go: never onto what it reads, nor onto files of another kind.
public enum OutputFile {
  /// Refuses paths that would lose something: one of `inputs`, one another, or an existing file
  /// that is no JSON document by its name. Called before any work is done.
  /// - Throws: `output.onto-source`, `output.twice`, `output.other-kind`.
  public static func check(_ outputs: [String?], inputs: [String?]) throws {
    try checkSources(outputs, inputs: inputs)
    for path in outputs.compactMap({ $0 }) { try checkKind(path, [".json"]) }
  }

  /// Refuses an existing file whose name has none of the `endings`: it is something else.
  /// - Throws: `output.other-kind`.
  public static func checkKind(_ path: String, _ endings: [String]) throws {
    let name = path.lowercased()
    guard access(path, F_OK) == 0, isRegular(path), !endings.contains(where: name.hasSuffix)
    else { return }
    let kinds = endings.joined(separator: " or ")
    throw DeployError(
      .outputOtherKind,
      "is there already and is no \(kinds) file by its name",
      at: .file(path: path),
      remedy: "give the name of a new \(kinds) file"
    )
  }

  /// Refuses paths that are one of `inputs` or one another; what else is there is replaced.
  /// - Throws: `output.onto-source`, `output.twice`.
  public static func checkSources(_ outputs: [String?], inputs: [String?]) throws {
    let paths = outputs.compactMap { $0 }
    for (index, path) in paths.enumerated() {
      if let source = inputs.compactMap({ $0 }).first(where: { MappedFile.areSame($0, path) }) {
        throw failure(.outputOntoSource, "is '\(source)' itself, which would be lost", path)
      }
      if paths[..<index].contains(where: { $0 == path || MappedFile.areSame($0, path) }) {
        throw failure(.outputTwice, "is to be written twice", path)
      }
    }
  }

  private static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private static func failure(_ id: Diagnostic.ID, _ message: String, _ path: String) -> DeployError
  {
    DeployError(id, message, at: .file(path: path), remedy: "give the name of a new .json file")
  }
}

extension Diagnostic.ID {
  /// A document that would replace what is read.
  public static let outputOntoSource: Self = "output.onto-source"
  /// Two documents of one name.
  public static let outputTwice: Self = "output.twice"
  /// A document that would replace a file of another kind.
  public static let outputOtherKind: Self = "output.other-kind"
}
