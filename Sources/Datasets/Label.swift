/// One object that is known to be in a picture.
public struct Label: Sendable, Hashable {
  /// The file's identifier; 1, 2, … where the file has none.
  public var identifier: Int
  /// What it is: an index into the data set's class names.
  public var classIndex: Int
  /// Where it is, in source pixels.
  public var rectangle: Rectangle
  /// How large it is, in square pixels: of its mask where there is one.
  public var area: Double
  /// Whether it stands for many objects: what is found inside is neither right nor wrong.
  public var isCrowd: Bool
  /// Its outline or mask.
  public var region: Region?

  /// Creates a label.
  /// - Parameter area: nil takes the rectangle's.
  public init(
    identifier: Int,
    classIndex: Int,
    rectangle: Rectangle,
    area: Double? = nil,
    isCrowd: Bool = false,
    region: Region? = nil
  ) {
    self.identifier = identifier
    self.classIndex = classIndex
    self.rectangle = rectangle
    self.area = area ?? rectangle.area
    self.isCrowd = isCrowd
    self.region = region
  }
}
