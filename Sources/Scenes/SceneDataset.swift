import Diagnostics
import Files
import Images

/// Any number of scenes, numbered from 0, written as a data set in COCO's layout.
public struct SceneDataset: Sendable {
  /// Which version of the renderer this is: it changes when the same seed gives other pictures.
  public static let generatorVersion = 1

  /// The format that pictures are written in.
  public enum PictureFormat: String, Sendable, Hashable, CaseIterable {
    /// Every pixel is kept.
    case png
    /// Smaller; quality 92 with full colour resolution.
    case jpg
  }

  /// What the scenes look like.
  public var options: SceneOptions
  /// The format that pictures are written in.
  public var format: PictureFormat

  /// Creates a data set.
  public init(_ options: SceneOptions = SceneOptions(), format: PictureFormat = .png) {
    self.options = options
    self.format = format
  }

  /// Writes `images/000000.png` and so on, then `annotations.json`, into a folder.
  ///
  /// The truth is written last, so a folder that has it is whole; each picture's `file_name` is
  /// relative to `images`. Classes have the category identifiers 1 to 8 in the order of
  /// `ShapeClass.allCases`; pictures and annotations are numbered from 1.
  ///
  /// - Parameters:
  ///   - count: the number of pictures, 1 to 1,000,000.
  ///   - seed: the same seed and options give the same data set.
  ///   - folder: created where it is missing.
  ///   - progress: called after each picture with how many are written.
  /// - Throws: `scene.invalid-options`, `file.unwritable`, `image.codec-missing`, and whatever
  ///   `progress` throws.
  public func write(
    count: Int,
    seed: UInt64,
    to folder: String,
    progress: (Int) throws -> Void = { _ in }
  ) throws {
    try options.validate()
    guard (1...1_000_000).contains(count) else {
      throw DeployError(
        .sceneInvalidOptions,
        "\(count) pictures are not between 1 and 1,000,000",
        at: .option("--count"),
        remedy: "choose a value within the range"
      )
    }
    try Folder.create(folder + "/images")
    var truth = SceneTruth(options, seed: seed)
    for index in 0..<count {
      let scene = try Scene(seed: seed, index: index, options: options)
      let name = Self.fileName(index) + "." + format.rawValue
      try scene.image.write(
        to: folder + "/images/" + name,
        quality: Image.JPEGQuality(92, halvesColor: false)
      )
      truth.append(scene, fileName: name)
      try progress(index + 1)
    }
    try AtomicFile.write(truth.json, to: folder + "/annotations.json")
  }

  private static func fileName(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }
}
