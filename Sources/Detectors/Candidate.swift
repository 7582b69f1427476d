/// One decoded anchor before suppression.
public struct Candidate: Sendable, Hashable {
  /// Where, in letterbox pixels.
  public var box: Box
  /// Objectness · class score.
  public var confidence: Float
  /// Which class.
  public var classIndex: Int32
  /// Which anchor of the picture it comes from, counted through levels, anchors and cells; -1
  /// where the head does not tell.
  public var anchor: Int32

  /// Creates a candidate.
  public init(box: Box, confidence: Float, classIndex: Int32, anchor: Int32 = -1) {
    self.box = box
    self.confidence = confidence
    self.classIndex = classIndex
    self.anchor = anchor
  }
}
