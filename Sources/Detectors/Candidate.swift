/// One decoded anchor before suppression.
public struct Candidate: Sendable, Hashable {
  /// Where, in letterbox pixels.
  public var box: Box
  /// Objectness · class score.
  public var confidence: Float
  /// Which class.
  public var classIndex: Int32

  /// Creates a candidate.
  public init(box: Box, confidence: Float, classIndex: Int32) {
    self.box = box
    self.confidence = confidence
    self.classIndex = classIndex
  }
}
