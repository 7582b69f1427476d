/// How closely two lists of detections must agree.
public struct DetectionTolerance: Sendable, Hashable, Codable {
  /// The smallest intersection over union of a pair.
  public var minimumIoU: Double
  /// The largest difference of the confidences of a pair.
  public var maximumScoreDifference: Double
  /// Pairs below this intersection over union are not pairs at all.
  public var matchingIoU: Double
  /// The confidence from which on there are detections, if known: one that lies no further above it
  /// than the scores may differ can rightly be on one side only.
  public var confidenceThreshold: Double?

  /// That of half precision against single: boxes of which every corner moves by a per cent.
  public static let half = DetectionTolerance(minimumIoU: 0.95, maximumScoreDifference: 0.01)

  /// Creates a tolerance; by default that of two engines on one picture.
  public init(
    minimumIoU: Double = 0.99,
    maximumScoreDifference: Double = 0.002,
    matchingIoU: Double = 0.5,
    confidenceThreshold: Double? = nil
  ) {
    self.minimumIoU = minimumIoU
    self.maximumScoreDifference = maximumScoreDifference
    self.matchingIoU = matchingIoU
    self.confidenceThreshold = confidenceThreshold
  }
}
