import Diagnostics
import Files
import Glibc

/// Reads data sets in YOLOv5's layout: `data.yaml` with `path`, `val` and `names`, pictures in
/// folders or lists, and one text file of labels per picture, its path with the last `/images/`
/// replaced by `/labels/`. Source: YOLOv5 `utils/dataloaders.py`, `img2label_paths`.
///
/// - A label is `class x y w h`, or `class x1 y1 x2 y2 …` (an outline), as shares of the picture.
/// - A picture without a label file holds no object. No label file at all is an error.
/// - Boxes that reach beyond the picture are cut at its edges with a warning; of those without
///   any area inside, a warning says how many were left out.
/// - Lines that stand twice count once, with a warning, and so do pictures that are listed twice. A
///   class outside `names` is an error, and so is an `nc` that is not the number of names.
/// - Label files of a folder's pictures that are not there are counted in a warning.
/// - Labels are shares of a picture: one that is missing, empty or no picture is an error, or is
///   left out with its labels and a warning where `leavesOutUnreadable` says so.
public struct YOLOReader: Sendable {
  /// Which of the file's sets: `val`, `test` or `train`.
  public var split = "val"
  /// Whether outlines are kept.
  public var keepsRegions = false
  /// Whether labelled pictures that are missing or damaged are left out with a warning.
  public var leavesOutUnreadable = false
  /// Which names are pictures'.
  let isPicture: @Sendable (String) -> Bool
  /// Width and height of a picture in pixels.
  let pictureSize: @Sendable (String) throws -> (width: Int, height: Int)

  /// Creates a reader.
  /// - Parameters:
  ///   - isPicture: whether a file's name is a picture's.
  ///   - pictureSize: the width and height of a picture, which labels are shares of.
  public init(
    isPicture: @escaping @Sendable (String) -> Bool,
    pictureSize: @escaping @Sendable (String) throws -> (width: Int, height: Int)
  ) {
    self.isPicture = isPicture
    self.pictureSize = pictureSize
  }

  /// Reads a data set.
  /// - Throws: `dataset.malformed`, `dataset.invalid-record`, `dataset.empty`,
  ///   `dataset.missing-pictures`, IDs of `file.`, and what `pictureSize` throws.
  public func dataset(path: String) throws -> Dataset {
    do {
      let file = try DataFile(try TextFile.read(path))
      let names = try classNames(file)
      try check(file, names)
      return try dataset(try sources(file, beside: path), names, path)
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  private func dataset(_ sources: Sources, _ names: [String], _ path: String) throws -> Dataset {
    var findings = Findings()
    var pictures: [LabelledPicture] = []
    var labelFileCount = 0
    var known: Set<String> = []
    for (index, picture) in sources.pictures.enumerated() {
      guard known.insert(picture).inserted else {
        findings.note(.repeatedPicture, picture)
        continue
      }
      let labelPath = Self.labelPath(picture)
      var record = LabelledPicture(identifier: index + 1, path: picture)
      if FileAccess.isReadable(labelPath) {
        labelFileCount += 1
        do {
          (record.width, record.height) = try pictureSize(picture)
        } catch let error as DeployError where error.isAboutPicture {
          guard leavesOutUnreadable else { throw Self.unreadable(picture, error) }
          findings.note(.unreadablePicture, "\(picture): \(error.diagnostics[0].message)")
          continue
        }
        record.labels = try LabelFile(names.count, keepsRegions)
          .labels(labelPath, record, &findings)
      }
      pictures.append(record)
    }
    guard labelFileCount > 0 else {
      throw DeployError(
        .datasetEmpty,
        "none of the \(known.count) pictures has a label file"
          + (sources.pictures.first.map { ": \(Self.labelPath($0)) is not there" } ?? ""),
        at: .file(path: ""),
        remedy: "put labels into a folder 'labels' beside 'images', one .txt per picture"
      )
    }
    guard !pictures.isEmpty else {
      throw DeployError(
        .datasetMissingPictures,
        "none of the \(known.count) pictures can be read",
        at: .file(path: ""),
        remedy: "correct 'path' and '\(split)', or get undamaged pictures",
        notes: findings.diagnostics
      )
    }
    try checkLabelFiles(sources, &findings)
    return Dataset(
      name: String(path.split(separator: "/").last ?? "data set"),
      format: .yolo,
      classNames: names,
      pictures: pictures,
      diagnostics: findings.diagnostics
    )
  }

  private static func unreadable(_ picture: String, _ cause: DeployError) -> DeployError {
    DeployError(
      .datasetMissingPictures,
      "the picture cannot be read, and its labels are shares of its size",
      at: .file(path: picture),
      remedy: "get an undamaged copy, or measure the others with --allow-missing",
      cause: cause
    )
  }

  /// `nc`, where it stands, must agree with `names`: one of them is wrong otherwise, and labels are
  /// numbered by it.
  private func check(_ file: DataFile, _ names: [String]) throws {
    guard let stated = file.values["nc"] else { return }
    if case .text(let text) = stated, Int(text) == names.count { return }
    throw DeployError(
      .datasetInvalidRecord,
      "'nc' is not the number of names, which is \(names.count)",
      at: .file(path: ""),
      remedy: "correct the one that is wrong, or leave 'nc' out"
    )
  }

  /// `names` as a list or as a map of indices.
  private func classNames(_ file: DataFile) throws -> [String] {
    switch file.values["names"] {
    case .list(let names) where !names.isEmpty: return names
    case .map(let pairs):
      var names: [Int: String] = [:]
      for pair in pairs {
        guard let index = Int(pair.key), (0..<100_000).contains(index) else { break }
        names[index] = pair.value
      }
      let sorted = (0..<pairs.count).compactMap { names[$0] }
      if !sorted.isEmpty, sorted.count == pairs.count { return sorted }
      fallthrough
    default:
      throw DeployError(
        .datasetInvalidRecord,
        "'names' is no list of class names and no map from 0, 1, 2 … to them",
        at: .file(path: ""),
        remedy: "write names: [first, second] or names: with lines such as '0: first'"
      )
    }
  }

  /// The label file of a picture.
  static func labelPath(_ picture: String) -> String {
    var parts = picture.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if let place = parts.dropLast().lastIndex(of: "images") { parts[place] = "labels" }
    let path = parts.joined(separator: "/")
    guard let dot = path.lastIndex(of: "."), dot > path.lastIndex(of: "/") ?? path.startIndex
    else { return path + ".txt" }
    return path[..<dot] + ".txt"
  }
}
