import Glibc

/// Paths as they are seen from a folder, so that files that are moved together still find each other.
enum RelativePath {
  /// `../models/yolov5n.onnx` for a file, seen from the folder of another one; nil where one of them
  /// does not exist.
  static func path(of file: String, fromFolderOf other: String) -> String? {
    guard let target = resolved(file), let folder = resolved(folder(of: other)) else { return nil }
    let (to, from) = (parts(target), parts(folder))
    let common = zip(to, from).prefix { $0 == $1 }.count
    let up = [String](repeating: "..", count: from.count - common)
    return (up + to[common...]).joined(separator: "/")
  }

  /// The path that was seen so from the folder of a file.
  static func path(_ relative: String, fromFolderOf other: String) -> String {
    relative.hasPrefix("/") ? relative : folder(of: other) + "/" + relative
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func parts(_ path: String) -> [String] {
    path.split(separator: "/").map(String.init)
  }

  private static func resolved(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }
}
