/// One final answer, in source-image pixels.
public struct Detection: Sendable, Hashable, Codable {
  /// Where it is.
  public var box: Box
  /// What it is: an index into the network's class names.
  public var classIndex: Int
  /// Objectness times class score, in 0...1.
  public var confidence: Float
  /// Which pixels it covers, where the network segments.
  public var mask: Mask?

  /// Creates a detection.
  public init(box: Box, classIndex: Int, confidence: Float, mask: Mask? = nil) {
    self.box = box
    self.classIndex = classIndex
    self.confidence = confidence
    self.mask = mask
  }
}
