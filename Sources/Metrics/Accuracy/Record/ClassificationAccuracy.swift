/// How often a classifier names the right class.
public struct ClassificationAccuracy: Sendable, Hashable, Codable {
  /// One class.
  public struct ClassRow: Sendable, Hashable, Codable {
    /// The class index.
    public var index: Int
    /// The class's name.
    public var name: String
    /// How many pictures are of the class.
    public var pictureCount: Int
    /// The share of them whose likeliest class is the right one.
    public var top1: Double
    /// The share of them whose five likeliest classes hold the right one.
    public var top5: Double

    /// Creates a row.
    public init(index: Int, name: String, pictureCount: Int, top1: Double, top5: Double) {
      self.index = index
      self.name = name
      self.pictureCount = pictureCount
      self.top1 = top1
      self.top5 = top5
    }
  }

  /// The share of pictures whose likeliest class is the right one.
  public var top1: AccuracyFigure
  /// The share of pictures whose five likeliest classes hold the right one.
  public var top5: AccuracyFigure
  /// One row per class that has pictures, by class index.
  public var classes: [ClassRow]
  /// Which classes are taken for which.
  public var confusion: ConfusionMatrix?

  /// Creates a record.
  public init(top1: AccuracyFigure, top5: AccuracyFigure, classes: [ClassRow]) {
    self.top1 = top1
    self.top5 = top5
    self.classes = classes
  }
}
