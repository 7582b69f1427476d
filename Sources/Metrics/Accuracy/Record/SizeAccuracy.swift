/// COCO's accuracy for objects of one range of sizes. Figures are -1 where nothing defines them.
public struct SizeAccuracy: Sendable, Hashable, Codable {
  /// `small`, `medium` or `large`.
  public var name: String
  /// The least area in square pixels.
  public var minimumArea: Double
  /// The greatest area in square pixels.
  public var maximumArea: Double
  /// How many objects lie in the range, crowds left out.
  public var instanceCount: Int
  /// AP, averaged over the overlaps 0.50, 0.55 ... 0.95.
  public var averagePrecision: Double
  /// AP at an overlap of 0.50.
  public var averagePrecision50: Double
  /// Recall with at most 100 detections per picture, averaged over the overlaps.
  public var averageRecall: Double

  /// Creates a row.
  public init(
    name: String,
    minimumArea: Double,
    maximumArea: Double,
    instanceCount: Int,
    averagePrecision: Double,
    averagePrecision50: Double,
    averageRecall: Double
  ) {
    self.name = name
    self.minimumArea = minimumArea
    self.maximumArea = maximumArea
    self.instanceCount = instanceCount
    self.averagePrecision = averagePrecision
    self.averagePrecision50 = averagePrecision50
    self.averageRecall = averageRecall
  }
}
