import Diagnostics
import Files

/// Reads data sets for classification: one folder per class, named like it, with pictures.
///
/// Classes are the folders by name, as torchvision's `ImageFolder` has it; where the folder holds
/// `val` or `test`, that one is taken. A class without pictures keeps its index.
public struct FolderReader: Sendable {
  /// Which names are pictures'.
  let isPicture: @Sendable (String) -> Bool

  /// Creates a reader.
  /// - Parameter isPicture: whether a file's name is a picture's.
  public init(isPicture: @escaping @Sendable (String) -> Bool) { self.isPicture = isPicture }

  /// Reads a data set.
  /// - Throws: `dataset.empty`, IDs of `file.`.
  public func dataset(path: String) throws -> Dataset {
    let places = ["val", "test"].map { path + "/" + $0 }
    let root = places.first(where: Folder.exists) ?? path
    let names = try Folder.folders(in: root)
    var pictures: [LabelledPicture] = []
    for (index, name) in names.enumerated() {
      for file in try Folder.files(below: root + "/" + name) where isPicture(file) {
        pictures.append(
          LabelledPicture(identifier: pictures.count + 1, path: file, classIndex: index)
        )
      }
    }
    guard !pictures.isEmpty else {
      throw DeployError(
        .datasetEmpty,
        names.isEmpty
          ? "the folder holds no folders, one for each class"
          : "none of the \(names.count) folders holds a picture",
        at: .file(path: root),
        remedy: "give a folder with one folder of pictures per class"
      )
    }
    return Dataset(
      name: String(path.split(separator: "/").last ?? "folder"),
      format: .folder,
      classNames: names,
      pictures: pictures
    )
  }
}
