/// How pictures became inputs and outputs became detections. Figures are comparable only where
/// these are equal.
public struct AccuracyRules: Sendable, Hashable, Codable {
  /// Height and width in pixels that pictures are fitted into: [H, W].
  public var imageSize: [Int]
  /// `square` or `rect`.
  public var shape: String
  /// How pictures are scaled: `evaluation` is YOLOv5's `val`, `detection` its `detect`.
  public var resizing: String
  /// Least confidence, 0 ... 1.
  public var confidence: Double
  /// Overlap above which the weaker of two boxes goes, 0 ... 1.
  public var overlap: Double
  /// Most detections per picture.
  public var maxDetections: Int
  /// Whether one anchor may give several classes.
  public var isMultiLabel: Bool
  /// The precision of the network: `float32`, `float16` or `as the file has it`.
  public var precision: String

  /// Creates rules.
  public init(
    imageSize: [Int],
    shape: String,
    resizing: String,
    confidence: Double,
    overlap: Double,
    maxDetections: Int,
    isMultiLabel: Bool,
    precision: String
  ) {
    self.imageSize = imageSize
    self.shape = shape
    self.resizing = resizing
    self.confidence = confidence
    self.overlap = overlap
    self.maxDetections = maxDetections
    self.isMultiLabel = isMultiLabel
    self.precision = precision
  }
}
