import Diagnostics
import Files

extension YOLOReader {
  /// Where the pictures of a split are.
  struct Sources {
    var pictures: [String] = []
    /// The folders among the sources, whose label files should all have a picture.
    var folders: [String] = []
  }

  /// The pictures of the split: folders, lists of paths (.txt) or several of them.
  func sources(_ file: DataFile, beside path: String) throws -> Sources {
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
    var found = Sources()
    for source in sources { try add(source, roots, to: &found) }
    return found
  }

  private func add(_ source: String, _ roots: [String], to found: inout Sources) throws {
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
      found.pictures += names
      return found.folders.append(place)
    }
    found.pictures += try listed(in: place)
  }

  /// The pictures that a list names. A file with any other line is no list, and is not quoted: the
  /// path may have led to somebody's own file.
  private func listed(in place: String) throws -> [String] {
    let parent = PictureFolder.parent(of: place)
    let lines = try TextFile.read(place).split(
      omittingEmptySubsequences: false,
      whereSeparator: \.isNewline
    )
    var listed: [String] = []
    for (number, line) in lines.enumerated() {
      let bare = line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace)
      let name = String(bare.reversed())
      if name.isEmpty { continue }
      guard isPicture(name) else {
        throw DeployError(
          .datasetMalformed,
          "line \(number + 1) of this list does not name a picture that can be read here",
          at: .file(path: place),
          remedy: "write one picture's path a line, and nothing else"
        )
      }
      listed.append(Self.path(name, listedIn: parent))
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

  private static func path(_ name: String, listedIn folder: String) -> String {
    if name.hasPrefix("./") { return folder + "/" + name.dropFirst(2) }
    return name.hasPrefix("/") || FileAccess.isReadable(name) ? name : folder + "/" + name
  }

  /// Notes label files of the folders that belong to none of the pictures.
  func checkLabelFiles(_ sources: Sources, _ findings: inout Findings) throws {
    let expected = Set(sources.pictures.map(Self.labelPath))
    for folder in Set(sources.folders).sorted() {
      let labels = PictureFolder.parent(of: Self.labelPath(folder + "/x"))
      guard Folder.exists(labels) else { continue }
      for file in try Folder.files(below: labels) {
        // `classes.txt` and readme files are what labelling tools leave there.
        let name = (file.split(separator: "/").last ?? "").lowercased()
        guard name.hasSuffix(".txt"), name != "classes.txt", !name.hasPrefix("readme"),
          !expected.contains(file)
        else { continue }
        findings.note(.withoutPicture, file)
      }
    }
  }
}
