import Diagnostics
import Files

/// Reads data sets in COCO's layout: one JSON file with `images`, `annotations`, `categories`.
/// Source: https://cocodataset.org/#format-data, "Object Detection".
///
/// - Classes are the categories by rising identifier.
/// - Labels of pictures or categories that the file does not have are left out with a warning.
/// - Boxes that reach beyond their picture stay as they are, with a warning, as pycocotools has it.
/// - Two records of one identifier are an error, unless two pictures are the same altogether.
/// - A label without an area has that of its box; one without `iscrowd` is no crowd.
public struct COCOReader: Sendable {
  /// Whether outlines and masks are kept: they are most of the memory.
  public var keepsRegions: Bool
  /// The folder with the pictures; nil looks for it beside the file.
  public var pictureFolder: String?

  /// Creates a reader.
  public init(keepsRegions: Bool = false, pictureFolder: String? = nil) {
    self.keepsRegions = keepsRegions
    self.pictureFolder = pictureFolder
  }

  /// Reads a data set.
  /// - Throws: `dataset.malformed`, `dataset.invalid-record`, `dataset.duplicate-identifier`,
  ///   `dataset.empty`, IDs of `file.`.
  public func dataset(path: String) throws -> Dataset {
    let file = try MappedFile(path: path)
    do {
      return try withExtendedLifetime(file) { try dataset(bytes: file.bytes, path: path) }
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  /// Reads a data set from the bytes of a file.
  /// - Throws: as `dataset(path:)`.
  public func dataset(bytes: UnsafeRawBufferPointer, path: String) throws -> Dataset {
    var builder = COCODatasetBuilder(name: path)
    var scanner = JSONScanner(bytes)
    guard bytes.count > 0 else { throw scanner.damage("the file is empty") }
    guard try scanner.kind() == .object else {
      throw scanner.damage("an object with images, annotations and categories is expected")
    }
    var seen: Set<String> = []
    try scanner.object { scanner, key in
      let isKnown = ["images", "annotations", "categories"].contains(key)
      if isKnown, !seen.insert(key).inserted { throw scanner.damage("'\(key)' stands twice") }
      switch key {
      case "images": try scanner.array { try builder.add(try $0.cocoPicture(), at: $0) }
      case "categories": try scanner.array { try builder.add(try $0.cocoCategory(), at: $0) }
      case "annotations":
        try scanner.array { scanner in
          builder.objects.append(try scanner.cocoObject(keepsRegion: keepsRegions))
        }
      default: try scanner.skip()
      }
    }
    try scanner.finish()
    let folder = pictureFolder ?? PictureFolder.find(beside: path, pictures: builder.someFileNames)
    return try builder.dataset(folder: folder)
  }
}
