/// Where the time of an evaluation went.
public struct EvaluationSpeed: Sendable, Hashable, Codable {
  /// How many pictures were evaluated.
  public var pictureCount: Int
  /// How many workers ran at once, each with a session of its own.
  public var workerCount: Int
  /// The time of the whole run in seconds, the loading of the model and the figures included.
  public var seconds: Double
  /// Time to load the model and build its plan, in seconds.
  public var loadSeconds: Double
  /// Time to compute the figures, in seconds.
  public var figureSeconds: Double
  /// A worker's time to read and decode a picture, in milliseconds, on average.
  public var decodeMilliseconds: Double
  /// A worker's time to scale and normalise a picture, in milliseconds, on average.
  public var preprocessMilliseconds: Double
  /// A worker's time in the engine for a picture, in milliseconds, on average.
  public var inferenceMilliseconds: Double
  /// A worker's time to decode and suppress candidates of a picture, in milliseconds, on average.
  public var postprocessMilliseconds: Double

  /// Creates a record without times.
  public init(pictureCount: Int, workerCount: Int) {
    self.pictureCount = pictureCount
    self.workerCount = workerCount
    (seconds, loadSeconds, figureSeconds) = (0, 0, 0)
    (decodeMilliseconds, preprocessMilliseconds) = (0, 0)
    (inferenceMilliseconds, postprocessMilliseconds) = (0, 0)
  }

  /// The share of the workers' whole time that was not spent in the engine, 0 ... 1.
  public var shareBeyondInference: Double {
    let whole = seconds * Double(workerCount)
    guard whole > 0 else { return 0 }
    let inference = inferenceMilliseconds * Double(pictureCount) / 1000
    return max(0, 1 - inference / whole)
  }
}
