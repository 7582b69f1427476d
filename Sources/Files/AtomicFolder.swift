import Diagnostics
import Glibc

/// A new folder that appears only when all of it is written.
public enum AtomicFolder {
  /// Lets a closure fill a folder beside `path`, which gets its name afterwards. After an error or an
  /// interruption nothing is left. That there is nothing of this name yet is the caller's to say.
  /// - Parameter body: gets the path of the folder, which is made before.
  /// - Throws: IDs of `file.`, and what the closure throws.
  public static func write<Result>(
    to path: String,
    _ body: (String) throws -> Result
  ) throws -> Result {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let temporary = "\(path).part-\(getpid())"
    UnfinishedFiles.add(temporary)
    defer { UnfinishedFiles.remove(temporary) }
    do {
      try Folder.create(temporary)
      let result = try body(temporary)
      guard rename(temporary, path) == 0 else {
        throw DeployError(
          .fileUnwritable,
          "cannot be named: \(String(cString: strerror(errno)))",
          at: .file(path: path),
          remedy: "choose another name"
        )
      }
      return result
    } catch {
      Folder.delete(temporary)
      throw error
    }
  }
}
