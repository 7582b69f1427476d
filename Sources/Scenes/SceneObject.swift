/// One object of a scene: what and where it is, to the pixel.
public struct SceneObject: Sendable, Hashable, Codable {
  /// What it is.
  public var shape: ShapeClass
  /// The left edge of the visible mask's box, in pixels.
  public var x: Int
  /// The top edge of the visible mask's box, in pixels.
  public var y: Int
  /// The box's width in pixels; never 0.
  public var width: Int
  /// The box's height in pixels; never 0.
  public var height: Int
  /// The visible mask's pixels.
  public var area: Int
  /// The visible share of the pixels that the object has.
  public var visibleShare: Double

  /// Creates an object.
  public init(
    shape: ShapeClass,
    x: Int,
    y: Int,
    width: Int,
    height: Int,
    area: Int,
    visibleShare: Double
  ) {
    self.shape = shape
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.area = area
    self.visibleShare = visibleShare
  }
}
