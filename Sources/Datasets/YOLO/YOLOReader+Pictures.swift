import Diagnostics
import Files

extension YOLOReader {
  /// The pictures of the split: folders, lists of paths (.txt) or several of them.
  func picturePaths(_ file: DataFile, beside path: String) throws -> [String] {
    let sources: [String]
    switch file.values[split] {
    case .text(let text) where !text.isEmpty: sources = [text]
    case .list(let texts) where !texts.isEmpty: sources = texts
    default:
      throw DeployError(
        .datasetInvalidRecord,
        "there is no '\(split)'",
        at: .file(path: ""),
        remedy: "name the folder of pictures, or a list of them, under '\(split)'"
      )
    }
    let folder = PictureFolder.parent(of: path)
    let stated = file.text("path") ?? ""
    // YOLOv5 takes `path` from where it is started; beside the file is tried first.
    let roots = stated.hasPrefix("/") ? [stated] : [folder + "/" + stated, stated, folder]
    return try sources.flatMap { try pictures(of: $0, roots) }
  }

  private func pictures(of source: String, _ roots: [String]) throws -> [String] {
    let candidates =
      source.hasPrefix("/") ? [source] : roots.map { $0.isEmpty ? source : "\($0)/\(source)" }
    guard let place = candidates.first(where: FileAccess.isReadable) else {
      throw DeployError(
        .datasetMissingPictures,
        "'\(source)' is not there",
        at: .file(path: candidates.first ?? source),
        remedy: "correct 'path' and '\(split)'"
      )
    }
    if Folder.exists(place) {
      let names = try Folder.files(below: place).filter(isPicture)
      guard !names.isEmpty else {
        throw DeployError(
          .datasetEmpty,
          "the folder holds no pictures",
          at: .file(path: place),
          remedy: "correct 'path' and '\(split)'"
        )
      }
      return names
    }
    let parent = PictureFolder.parent(of: place)
    let lines = try TextFile.read(place).split(whereSeparator: \.isNewline)
    let listed = lines.map { line in
      let name = String(line.drop(while: \.isWhitespace))
      if name.hasPrefix("./") { return parent + "/" + name.dropFirst(2) }
      return name.hasPrefix("/") || FileAccess.isReadable(name) ? name : parent + "/" + name
    }
    guard !listed.isEmpty else {
      throw DeployError(
        .datasetEmpty,
        "the list names no pictures",
        at: .file(path: place),
        remedy: "write one picture's path a line"
      )
    }
    return listed
  }
}
