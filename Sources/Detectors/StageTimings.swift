/// How long the stages of one run took; for a batch, the whole batch.
public struct StageTimings: Sendable, Hashable, Codable {
  /// Scaling, padding and normalising.
  public var preprocess: Duration
  /// The session's run.
  public var inference: Duration
  /// Decoding, suppression and scaling back.
  public var postprocess: Duration

  /// Creates timings.
  public init(preprocess: Duration, inference: Duration, postprocess: Duration) {
    self.preprocess = preprocess
    self.inference = inference
    self.postprocess = postprocess
  }

  /// All three.
  public var total: Duration { preprocess + inference + postprocess }
}
