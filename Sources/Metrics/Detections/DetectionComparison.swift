public import Detectors

/// How far one list of detections is from another, expected one, on the same picture.
public struct DetectionComparison: Sendable, Hashable, Codable {
  /// Two detections of one class that stand for one another.
  public struct Pair: Sendable, Hashable, Codable {
    /// The one found.
    public var actual: Detection
    /// The one expected.
    public var expected: Detection
    /// Their intersection over union.
    public var iou: Double

    /// The confidence found minus the one expected.
    public var scoreDifference: Double {
      Double(actual.confidence) - Double(expected.confidence)
    }
  }

  /// The pairs, by falling confidence of the expected one.
  public var pairs: [Pair]
  /// Detections that nobody expected.
  public var extra: [Detection]
  /// Detections that are expected and not there.
  public var missing: [Detection]
  /// How close they had to be.
  public var tolerance: DetectionTolerance

  /// Compares two lists. Each expected detection, the most confident first, takes the free
  /// detection of its class with the largest intersection over union.
  public init(
    _ actual: [Detection],
    with expected: [Detection],
    tolerance: DetectionTolerance = DetectionTolerance()
  ) {
    var free = Array(actual.indices)
    pairs = []
    missing = []
    for wanted in expected.sorted(by: { $0.confidence > $1.confidence }) {
      let candidates = free.filter { actual[$0].classIndex == wanted.classIndex }
        .map { (index: $0, iou: iou(actual[$0].box, wanted.box)) }
      guard let best = candidates.max(by: { $0.iou < $1.iou }), best.iou >= tolerance.matchingIoU
      else {
        missing.append(wanted)
        continue
      }
      free.removeAll { $0 == best.index }
      pairs.append(Pair(actual: actual[best.index], expected: wanted, iou: best.iou))
    }
    extra = free.map { actual[$0] }
    self.tolerance = tolerance
  }

  /// The smallest intersection over union of a pair; 1 where there is none.
  public var minimumIoU: Double { pairs.map(\.iou).min() ?? 1 }
  /// The mean intersection over union of the pairs; 1 where there is none.
  public var meanIoU: Double {
    pairs.isEmpty ? 1 : pairs.map(\.iou).reduce(0, +) / Double(pairs.count)
  }
  /// The largest difference of confidences; 0 where there is no pair.
  public var largestScoreDifference: Double { pairs.map { abs($0.scoreDifference) }.max() ?? 0 }

  /// Whether nothing is extra or missing, but for what lies at the threshold, and every pair is
  /// close enough.
  public var passes: Bool {
    (extra + missing).allSatisfy(isAtThreshold) && minimumIoU >= tolerance.minimumIoU
      && largestScoreDifference <= tolerance.maximumScoreDifference
  }

  private func isAtThreshold(_ detection: Detection) -> Bool {
    tolerance.confidenceThreshold.map {
      Double(detection.confidence) <= $0 + tolerance.maximumScoreDifference
    } ?? false
  }

  /// The comparison in one line, for people.
  ///
  ///     5 of 5 detections found, smallest IoU 0.9998, largest score difference 0.0003
  public var words: String {
    let total = pairs.count + missing.count
    var parts = ["\(pairs.count) of \(total) detections found"]
    if !extra.isEmpty { parts.append("\(extra.count) extra") }
    if !pairs.isEmpty {
      parts.append("smallest IoU \(rounded(minimumIoU, 4))")
      parts.append("largest score difference \(rounded(largestScoreDifference, 4))")
    }
    return parts.joined(separator: ", ")
  }
}

/// In double precision: the threshold lies so near to 1 that single precision would show.
private func iou(_ a: Box, _ b: Box) -> Double {
  let width = Double(min(a.x2, b.x2)) - Double(max(a.x1, b.x1))
  let height = Double(min(a.y2, b.y2)) - Double(max(a.y1, b.y1))
  let area = { (box: Box) in
    max(0, Double(box.x2) - Double(box.x1)) * max(0, Double(box.y2) - Double(box.y1))
  }
  guard width > 0, height > 0 else { return a == b ? 1 : 0 }
  return width * height / (area(a) + area(b) - width * height)
}
