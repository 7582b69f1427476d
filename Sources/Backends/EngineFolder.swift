import Glibc

/// The folder into which `Scripts/setup` unpacks engines: one folder `<package>-<version>` each.
public struct EngineFolder: Sendable, Hashable, Codable {
  /// Its path; it need not exist.
  public var path: String
  /// Creates a reference to a folder.
  public init(_ path: String) { self.path = path }

  /// The libraries of a package whose file name starts with `prefix`, newest package first, for
  /// example `libonnxruntime.so`.
  public func libraries(of package: String, prefix: String) -> [String] {
    let folders = Self.entries(of: path)
      .filter { $0.hasPrefix(package + "-") && Self.version(of: $0, package) != nil }
      .sorted { Self.isOrdered(Self.version(of: $1, package), Self.version(of: $0, package)) }
    return folders.flatMap { folder in
      Self.entries(of: path + "/" + folder).filter { $0.hasPrefix(prefix) }.sorted()
        .map { path + "/" + folder + "/" + $0 }
    }
  }

  /// The numbers after `package-`, or nil where something else follows (another package).
  private static func version(of folder: String, _ package: String) -> [Int]? {
    let numbers = folder.dropFirst(package.count + 1).split(separator: ".").map { Int($0) }
    guard !numbers.isEmpty else { return nil }
    return numbers.contains(nil) ? nil : numbers.compactMap { $0 }
  }

  private static func isOrdered(_ left: [Int]?, _ right: [Int]?) -> Bool {
    (left ?? []).lexicographicallyPrecedes(right ?? [])
  }

  private static func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}
