import Diagnostics
import Files
import Glibc

/// Turns what a user names (files, folders, patterns) into picture paths.
public enum ImageSource {
  /// The paths of all pictures meant, each once: folders give the pictures directly in them,
  /// patterns (`*`, `?`, `[…]`) those that match; both sorted by name. Files are taken as named.
  /// - Throws: `file.not-found`, `image.none-found`.
  public static func paths(_ sources: [String]) throws -> [String] {
    var paths: [String] = []
    var known: Set<String> = []
    for source in sources {
      for path in try expand(source) where known.insert(path).inserted { paths.append(path) }
    }
    guard !paths.isEmpty else {
      throw DeployError(
        .imageNoneFound,
        "no pictures were named",
        remedy: "name files, folders or patterns such as 'photos/*.jpg'"
      )
    }
    return paths
  }

  /// Whether a name ends like a picture's, in upper or lower case.
  public static func isPictureName(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    let ending = name[name.index(after: dot)...].lowercased()
    return ImageFormat.allCases.contains { $0.fileExtensions.contains(ending) }
  }

  private static func expand(_ source: String) throws -> [String] {
    if Folder.exists(source) { return try pictures(inFolder: source) }
    if access(source, F_OK) == 0 { return [source] }
    if source.contains(where: { "*?[".contains($0) }) { return try matches(of: source) }
    throw DeployError(
      .fileNotFound,
      "no such file or folder",
      at: .file(path: source),
      remedy: "check the spelling of the path"
    )
  }

  private static func pictures(inFolder folder: String) throws -> [String] {
    guard let handle = opendir(folder) else {
      throw DeployError(
        .fileUnreadable,
        "cannot be listed: \(String(cString: strerror(errno)))",
        at: .file(path: folder),
        remedy: "check the folder's permissions"
      )
    }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix("."), isPictureName(name) { names.append(name) }
    }
    guard !names.isEmpty else { throw noneFound("the folder holds no pictures", folder) }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return names.sorted().map { prefix + $0 }
  }

  private static func matches(of pattern: String) throws -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0, let entries = found.gl_pathv else {
      throw noneFound("the pattern matches nothing", pattern)
    }
    let paths = (0..<Int(found.gl_pathc)).compactMap { index in
      entries[index].map { String(cString: $0) }
    }
    let pictures = paths.filter(isPictureName)
    guard !pictures.isEmpty else { throw noneFound("the pattern matches no pictures", pattern) }
    return pictures.sorted()
  }

  private static func noneFound(_ reason: String, _ path: String) -> DeployError {
    let endings = ImageFormat.allCases.flatMap(\.fileExtensions).joined(separator: ", ")
    return DeployError(
      .imageNoneFound,
      reason,
      at: .file(path: path),
      remedy: "name pictures ending in \(endings)"
    )
  }
}
