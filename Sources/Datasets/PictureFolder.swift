import Files
import Glibc

/// Where the pictures of an annotation file are.
enum PictureFolder {
  /// The first of the usual places that holds one of `pictures`: the file's folder, `images` in it, and
  /// beside it `images`, a folder named like the file's last part (`instances_val2017.json` →
  /// `val2017`), and that one in `images`. Nil where none does.
  static func find(beside file: String, pictures: [String]) -> String? {
    let folder = parent(of: file)
    let name = file.split(separator: "/").last ?? ""
    let split = name.prefix { $0 != "." }.split(separator: "_").last ?? ""
    let places = [
      folder, folder + "/images", folder + "/../images", folder + "/../\(split)",
      folder + "/../images/\(split)", folder + "/\(split)", folder + "/images/\(split)",
    ]
    return places.first { place in pictures.contains { access(place + "/" + $0, R_OK) == 0 } }
  }

  /// The folder that a path lies in.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
