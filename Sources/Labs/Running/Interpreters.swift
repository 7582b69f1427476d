import Glibc
import Pipelines
import Synchronization

/// Where the programs are that run a learner's files.
enum Interpreters {
  private static let found = Mutex<[String: String]>([:])

  /// Where programs are looked for.
  static var searchPath: String {
    getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
  }

  /// The absolute path of a program; the name itself where it is not found.
  static func path(of name: String) -> String {
    guard !name.contains("/") else { return name }
    if let known = found.withLock({ $0[name] }) { return known }
    let candidates = searchPath.split(separator: ":").map { "\($0)/\(name)" }
    guard let first = candidates.first(where: { access($0, X_OK) == 0 }) else { return name }
    var path = first
    // `python3` is often a script that chooses among versions, which needs more than a sandbox gives.
    if name.hasPrefix("python") {
      let answer = ChildProcess.run(
        first,
        ["-I", "-c", "import sys; print(sys.executable)"],
        seconds: 20
      )
      let stated = answer.output.split(separator: "\n").last.map(String.init) ?? ""
      if answer.exitCode == 0, access(stated, X_OK) == 0 { path = stated }
    }
    found.withLock { $0[name] = path }
    return path
  }

  /// Whether a program lies in a folder that only its owner may look into.
  static func isPrivate(_ path: String) -> Bool {
    guard let resolved = realpath(path, nil) else { return false }
    defer { free(resolved) }
    var folder = String(cString: resolved)
    while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      folder = String(folder[..<slash])
      var status = stat()
      if stat(folder, &status) == 0, status.st_mode & 0o001 == 0 { return true }
    }
    return false
  }
}
