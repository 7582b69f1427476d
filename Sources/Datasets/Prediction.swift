/// One object that somebody says is in a picture.
public struct Prediction: Sendable, Hashable {
  /// What it is: an index into the data set's class names.
  public var classIndex: Int
  /// How sure that is; more is surer.
  public var score: Double
  /// Where it is, in source pixels.
  public var rectangle: Rectangle
  /// How large it is, in square pixels; decides which range of sizes it belongs to.
  public var area: Double
  /// Its mask or outline.
  public var region: Region?

  /// Creates a prediction.
  /// - Parameter area: nil takes the rectangle's.
  public init(
    classIndex: Int,
    score: Double,
    rectangle: Rectangle,
    area: Double? = nil,
    region: Region? = nil
  ) {
    self.classIndex = classIndex
    self.score = score
    self.rectangle = rectangle
    self.area = area ?? rectangle.area
    self.region = region
  }
}
