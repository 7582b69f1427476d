import Diagnostics
import Glibc

/// Folders on disk.
public enum Folder {
  /// Creates a folder and those above it where they are missing.
  /// - Throws: `file.unwritable`.
  public static func create(_ path: String) throws {
    var partial = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      partial += (partial.isEmpty || partial.hasSuffix("/") ? "" : "/") + component
      if mkdir(partial, 0o777) != 0, errno != EEXIST {
        throw FileFailure.writing(partial, errno)
      }
    }
    guard exists(path) else { throw FileFailure.writing(path, ENOTDIR) }
  }

  /// Whether there is a folder of that name.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
