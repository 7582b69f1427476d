import Glibc

extension Folder {
  /// Deletes a folder and everything in it, whatever its permissions; links are deleted, never followed.
  package static func delete(_ path: String) {
    chmod(path, 0o700)
    visit(path) { entry, isFolder in
      if isFolder { rmdir(entry) } else { unlink(entry) }
    }
    rmdir(path)
  }

  /// Gives everything inside, the innermost first; links are not followed.
  package static func visit(
    _ path: String,
    _ body: (_ path: String, _ isFolder: Bool) -> Void
  ) {
    visit(path, depth: 0, body)
  }

  private static func visit(
    _ folder: String,
    depth: Int,
    _ body: (_ path: String, _ isFolder: Bool) -> Void
  ) {
    // Deeper ones would be longer than a path can be.
    guard depth < 2048, let stream = opendir(folder) else { return }
    var entries: [(path: String, isFolder: Bool)] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      let path = folder + "/" + name
      var status = stat()
      let isFolder = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      if isFolder, status.st_mode & 0o700 != 0o700 { chmod(path, 0o700) }
      entries.append((path, isFolder))
    }
    closedir(stream)
    for entry in entries {
      if entry.isFolder { visit(entry.path, depth: depth + 1, body) }
      body(entry.path, entry.isFolder)
    }
  }
}
