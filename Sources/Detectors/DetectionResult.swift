/// What a detector says about one picture.
public struct DetectionResult: Sendable, Hashable, Codable {
  /// By falling confidence.
  public var detections: [Detection]
  /// Of the run that this picture was part of.
  public var timings: StageTimings
  /// Height and width of the network's input in pixels: [H, W].
  public var inputSize: [Int]
  /// How many pictures that run held.
  public var batchSize: Int
}
