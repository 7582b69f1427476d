import Datasets
import Diagnostics
import Files
import Images
import Scenes

/// A data set, opened: its labels and how its pictures are had.
struct LabelledSource: Sendable {
  /// Where pictures come from.
  enum Pictures: Sendable {
    /// Their paths.
    case files
    /// Drawn on demand, by number.
    case scenes(SceneOptions, seed: UInt64)
  }

  var dataset: Dataset
  let pictures: Pictures

  /// Opens what `--data` names.
  /// - Throws: `dataset.unknown-format` and what the readers throw.
  static func open(
    _ data: String,
    pictureFolder: String? = nil,
    keepsRegions: Bool = false,
    leavesOutUnreadable: Bool = false
  ) throws -> LabelledSource {
    if data == "synth" || data.hasPrefix("synth:") { return try scenes(data) }
    let lower = data.lowercased()
    if lower.hasSuffix(".json") {
      let reader = COCOReader(keepsRegions: keepsRegions, pictureFolder: pictureFolder)
      return LabelledSource(dataset: try reader.dataset(path: data), pictures: .files)
    }
    if lower.hasSuffix(".yaml") || lower.hasSuffix(".yml") {
      var reader = YOLOReader(
        isPicture: ImageSource.isPictureName,
        pictureSize: { try ImageReader().size($0) }
      )
      reader.keepsRegions = keepsRegions
      reader.leavesOutUnreadable = leavesOutUnreadable
      return LabelledSource(dataset: try reader.dataset(path: data), pictures: .files)
    }
    if Folder.exists(data) {
      for name in ["data.yaml", "annotations.json"] where FileAccess.isReadable("\(data)/\(name)") {
        return try open(
          "\(data)/\(name)",
          pictureFolder: pictureFolder,
          keepsRegions: keepsRegions,
          leavesOutUnreadable: leavesOutUnreadable
        )
      }
      let reader = FolderReader(isPicture: ImageSource.isPictureName)
      return LabelledSource(dataset: try reader.dataset(path: data), pictures: .files)
    }
    guard FileAccess.isReadable(data) else {
      throw DeployError(
        .fileNotFound,
        "no such file or folder",
        at: .file(path: data),
        remedy: "check the spelling of the path"
      )
    }
    throw DeployError(
      .datasetUnknownFormat,
      "is no data set",
      at: .file(path: data),
      remedy: "give a COCO annotation file (.json), a data.yaml, a folder with one folder of "
        + "pictures per class, or synth"
    )
  }

  /// Reads or draws one picture.
  func load(_ index: Int, with reader: ImageReader, into image: inout Image) throws {
    switch pictures {
    case .files: try reader.read(dataset.pictures[index].path, into: &image)
    case .scenes(let options, let seed):
      image = try Scene(seed: seed, index: index, options: options).image
    }
  }
}
