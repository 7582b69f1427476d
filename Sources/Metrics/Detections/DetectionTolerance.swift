/// How closely two lists of detections must agree.
public struct DetectionTolerance: Sendable, Hashable, Codable {
  /// The smallest intersection over union of a pair.
  public var minimumIoU: Double
  /// The largest difference of the confidences of a pair.
  public var maximumScoreDifference: Double
  /// Pairs below this intersection over union are not pairs at all.
  public var matchingIoU: Double

  /// Creates a tolerance; by default that of two engines on one picture.
  public init(
    minimumIoU: Double = 0.99,
    maximumScoreDifference: Double = 0.002,
    matchingIoU: Double = 0.5
  ) {
    self.minimumIoU = minimumIoU
    self.maximumScoreDifference = maximumScoreDifference
    self.matchingIoU = matchingIoU
  }
}
