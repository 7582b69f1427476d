import Files
import Images
import Reports

/// The annotated pictures that `deploy` puts beside its report: documents hold no pictures.
enum ReportPictures {
  /// The most that are shown, and the longest side in pixels.
  static let (limit, side) = (24, 960)

  /// Loads what is found in the folder `pictures` beside a document. Names in a document may say
  /// anything: those that could lead elsewhere are left alone, and what is there is decoded and
  /// encoded anew, never copied.
  static func load(into report: inout Report, beside document: String) {
    let folder = document.lastIndex(of: "/").map { String(document[..<$0]) } ?? "."
    guard Folder.exists(folder + "/pictures") else { return }
    for index in report.pictures.indices.prefix(limit) {
      let name = report.pictures[index].name
      guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !name.contains("\0") else {
        continue
      }
      let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
      let path = "\(folder)/pictures/\(stem).jpg"
      guard let image = try? ImageReader().read(path), image.width > 0,
        let bytes = try? image.shrunk(toFit: side).jpegBytes()
      else { continue }
      report.pictures[index].preview = bytes
    }
  }
}
