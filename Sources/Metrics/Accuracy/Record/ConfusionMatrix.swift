/// Which classes are taken for which.
public struct ConfusionMatrix: Sendable, Hashable, Codable {
  /// How often `counts[predicted][actual]` happened. The last row stands for objects that were
  /// missed, the last column for detections where no object is.
  public var counts: [[Int]]
  /// Detections must be more confident than this to count; nil for a classifier.
  public var confidence: Double?
  /// Detections and objects must overlap by more than this to be taken for one another; nil for
  /// a classifier, whose matrix has no background.
  public var overlap: Double?

  /// Creates a matrix.
  public init(counts: [[Int]], confidence: Double?, overlap: Double?) {
    self.counts = counts
    self.confidence = confidence
    self.overlap = overlap
  }
}
