public import Diagnostics

/// Pictures with what is known to be in them.
public struct Dataset: Sendable {
  /// Where labels come from.
  public enum Format: String, Sendable, Hashable, Codable {
    /// One annotation file in COCO's layout.
    case coco
    /// YOLOv5's `data.yaml` with one text file per picture.
    case yolo
    /// One folder of pictures per class.
    case folder
    /// Drawn by the procedural data set.
    case synth
  }

  /// A name for people.
  public var name: String
  /// Where the labels come from.
  public var format: Format
  /// Class names by class index.
  public var classNames: [String]
  /// The identifier that files use for each class, by class index: COCO's category identifiers,
  /// rising and with gaps; elsewhere the indices themselves.
  public var categories: [Int]
  /// The pictures by rising identifier.
  public var pictures: [LabelledPicture]
  /// What the reader should know: labels left out, cut or doubtful.
  public var diagnostics: [Diagnostic]

  /// Creates a data set.
  public init(
    name: String,
    format: Format,
    classNames: [String],
    categories: [Int]? = nil,
    pictures: [LabelledPicture],
    diagnostics: [Diagnostic] = []
  ) {
    self.name = name
    self.format = format
    self.classNames = classNames
    self.categories = categories ?? Array(classNames.indices)
    self.pictures = pictures
    self.diagnostics = diagnostics
  }
}
