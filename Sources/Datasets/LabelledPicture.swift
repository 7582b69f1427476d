/// One picture of a data set and what is known to be in it.
public struct LabelledPicture: Sendable, Hashable {
  /// The identifier, unique within the data set.
  public var identifier: Int
  /// The file's path, or its name where the folder is not known.
  public var path: String
  /// Pixels per row; 0 where the labels do not say.
  public var width: Int
  /// Rows; 0 where the labels do not say.
  public var height: Int
  /// The objects, in the file's order.
  public var labels: [Label]
  /// The class of the whole picture, for classification.
  public var classIndex: Int?

  /// Creates a picture.
  public init(
    identifier: Int,
    path: String,
    width: Int = 0,
    height: Int = 0,
    labels: [Label] = [],
    classIndex: Int? = nil
  ) {
    self.identifier = identifier
    self.path = path
    self.width = width
    self.height = height
    self.labels = labels
    self.classIndex = classIndex
  }
}
