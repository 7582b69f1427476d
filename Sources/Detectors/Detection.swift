/// One final answer, in source-image pixels.
public struct Detection: Sendable, Hashable, Codable {
  /// Where it is.
  public var box: Box
  /// What it is: an index into the network's class names.
  public var classIndex: Int
  /// Objectness times class score, in 0...1.
  public var confidence: Float

  /// Creates a detection.
  public init(box: Box, classIndex: Int, confidence: Float) {
    self.box = box
    self.classIndex = classIndex
    self.confidence = confidence
  }
}
