/// What a classifier says about one picture.
public struct ClassificationResult: Sendable, Hashable, Codable {
  /// Every class by falling probability; equal ones by index.
  public var scores: [ClassScore]
  /// The stages of the run.
  public var timings: StageTimings
  /// Height and width of the network's input in pixels: [H, W].
  public var inputSize: [Int]
}
