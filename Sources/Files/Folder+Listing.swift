import Diagnostics
import Glibc

extension Folder {
  /// The names of the folders directly inside, sorted; hidden ones left out.
  /// - Throws: `file.unreadable`, `file.not-found`.
  public static func folders(in path: String) throws -> [String] {
    try entries(in: path).filter { exists(path + "/" + $0) }
  }

  /// The paths of all files inside and in the folders inside, sorted; hidden ones left out.
  /// - Throws: `file.unreadable`, `file.not-found`.
  public static func files(below path: String) throws -> [String] {
    try files(below: path, depth: 0)
  }

  private static func files(below path: String, depth: Int) throws -> [String] {
    // Deeper ones are links in a circle.
    guard depth < 32 else { return [] }
    let base = path.hasSuffix("/") ? path : path + "/"
    return try entries(in: path).flatMap { name in
      exists(base + name) ? try files(below: base + name, depth: depth + 1) : [base + name]
    }
  }

  /// The names inside, sorted; hidden ones left out.
  private static func entries(in path: String) throws -> [String] {
    guard let handle = opendir(path) else { throw FileFailure.opening(path, errno) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
