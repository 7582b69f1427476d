import Diagnostics

/// Which candidates become detections: the most confident of those that overlap.
///
/// Results equal YOLOv5's `non_max_suppression` on torchvision's `nms`: single precision, a
/// candidate falls when its overlap is strictly above the threshold, equal confidences keep
/// their order.
public struct NonMaxSuppression: Sendable, Hashable, Codable {
  /// Objectness, and objectness · class score, must be above it; 0 ... 1.
  public var confidenceThreshold: Float = 0.25
  /// The overlap above which the less confident candidate falls; 0 ... 1.
  public var iouThreshold = 0.45
  /// The most detections per picture.
  public var maxDetections = 300
  /// The most candidates that are looked at, by falling confidence.
  public var maxCandidates = 30_000
  /// Whether candidates of different classes suppress each other.
  public var isClassAgnostic = false
  /// Whether one anchor may give several classes, not only its best.
  public var isMultiLabel = false
  /// The classes wanted; nil means all.
  public var classes: [Int]?

  /// Creates the thresholds that YOLOv5 detects with.
  public init() {}

  /// The thresholds that YOLOv5 measures accuracy with: 0.001, 0.6, several labels an anchor.
  public static let evaluation: NonMaxSuppression = {
    var suppression = NonMaxSuppression()
    suppression.confidenceThreshold = 0.001
    suppression.iouThreshold = 0.6
    suppression.isMultiLabel = true
    return suppression
  }()

  /// Refuses thresholds outside 0 ... 1 and negative counts.
  /// - Throws: `detector.invalid-threshold`.
  public func validate() throws {
    guard (0...1).contains(confidenceThreshold), (0...1).contains(iouThreshold) else {
      throw DeployError(
        .detectorInvalidThreshold,
        "confidence \(confidenceThreshold) and overlap \(iouThreshold) must lie in 0 ... 1",
        remedy: "give thresholds such as 0.25 and 0.45"
      )
    }
    guard maxDetections >= 0, maxCandidates >= 0 else {
      throw DeployError(
        .detectorInvalidThreshold,
        "\(maxDetections) detections of \(maxCandidates) candidates are negative counts",
        remedy: "give counts of 0 or more"
      )
    }
  }

  /// The survivors by falling confidence, in letterbox pixels.
  public func select(from candidates: [Candidate]) -> [Candidate] {
    let workspace = SuppressionWorkspace()
    workspace.candidates = candidates
    select(using: workspace)
    return workspace.kept.map { candidates[$0] }
  }

  /// Fills `workspace.kept` with the indices of the survivors, by falling confidence.
  func select(using workspace: SuppressionWorkspace) {
    workspace.sort()
    workspace.beginKeeping()
    for index in workspace.order.prefix(maxCandidates) {
      guard workspace.kept.count < maxDetections else { return }
      let index = Int(index)
      let candidate = workspace.candidates[index]
      // Source: YOLOv5 `max_wh`; added in single precision there too.
      let offset = isClassAgnostic ? 0 : Float(candidate.classIndex) * 7680
      var box = candidate.box
      box.x1 += offset
      box.y1 += offset
      box.x2 += offset
      box.y2 += offset
      if !workspace.overlapsKept(box, threshold: iouThreshold) {
        workspace.keep(index, at: box)
      }
    }
  }
}
