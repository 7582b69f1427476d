package import Diagnostics

extension MappedFile {
  /// A copy of a file's bytes, for small files.
  /// - Parameter limit: the most bytes that are taken.
  /// - Throws: `file.too-large`, and what mapping throws.
  package static func contents(
    of path: String,
    followingLinks: Bool = false,
    limit: Int = .max
  ) throws -> [UInt8] {
    let file = try MappedFile(path: path, followingLinks: followingLinks)
    guard file.count <= limit else {
      throw DeployError(
        .fileTooLarge,
        "has \(file.count) bytes, more than \(limit)",
        at: .file(path: path),
        remedy: "check that it is the file that you mean"
      )
    }
    // The pointer says nothing about who keeps the memory mapped.
    return withExtendedLifetime(file) { Array(file.bytes) }
  }
}

extension Diagnostic.ID {
  /// A file has more bytes than a file of its kind may have.
  package static let fileTooLarge: Self = "file.too-large"
}
