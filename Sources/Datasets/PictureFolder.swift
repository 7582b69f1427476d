import Files
import Glibc

/// Where the pictures of an annotation file are.
enum PictureFolder {
  /// The first of the usual places that holds `picture`: the file's folder, `images` in it, and
  /// beside it `images`, a folder named like the file's last part (`instances_val2017.json` →
  /// `val2017`), and that one in `images`. Nil where none does.
  static func find(beside file: String, picture: String?) -> String? {
    guard let picture else { return nil }
    let folder = parent(of: file)
    let name = file.split(separator: "/").last ?? ""
    let split = name.prefix { $0 != "." }.split(separator: "_").last ?? ""
    let places = [
      folder, folder + "/images", folder + "/../images", folder + "/../\(split)",
      folder + "/../images/\(split)", folder + "/\(split)", folder + "/images/\(split)",
    ]
    return places.first { access($0 + "/" + picture, R_OK) == 0 }
  }

  /// The folder that a path lies in.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
