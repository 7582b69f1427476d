import Datasets

/// Counts which classes are taken for which.
///
/// Of the pairs of a detection and an object of any class, each detection keeps the one with the
/// greatest overlap, then each object. Source: YOLOv5 `metrics.ConfusionMatrix`; unlike there,
/// detections count in pictures without objects and in those without any pair too.
struct ConfusionCounter {
  /// Larger matrices are not kept: nobody could read them.
  static let classLimit = 200

  private(set) var counts: [[Int]]
  private let background: Int

  /// Nil for more classes than ``classLimit``.
  init?(classCount: Int) {
    guard (1...Self.classLimit).contains(classCount) else { return nil }
    background = classCount
    let row = [Int](repeating: 0, count: classCount + 1)
    counts = Array(repeating: row, count: classCount + 1)
  }

  var matrix: ConfusionMatrix {
    ConfusionMatrix(
      counts: counts,
      confidence: YOLORules.confusionConfidence,
      overlap: Double("\(YOLORules.confusionOverlap)")
    )
  }

  /// - Parameter predictions: by falling score.
  mutating func count(_ predictions: [Prediction], _ labels: [Label], _ overlaps: OverlapTable) {
    let shown = predictions.prefix { $0.score > YOLORules.confusionConfidence }
    var detectionOfLabel = [Int?](repeating: nil, count: labels.count)
    for index in shown.indices {
      var best: Int?
      for place in labels.indices where overlaps[index, place] > YOLORules.confusionOverlap {
        if best.map({ overlaps[index, place] >= overlaps[index, $0] }) ?? true { best = place }
      }
      guard let label = best else { continue }
      let rival = detectionOfLabel[label]
      if rival.map({ overlaps[index, label] >= overlaps[$0, label] }) ?? true {
        detectionOfLabel[label] = index
      }
    }
    for (place, label) in labels.enumerated() {
      let predicted = detectionOfLabel[place].map { shown[$0].classIndex } ?? background
      counts[predicted][label.classIndex] += 1
    }
    let paired = Set(detectionOfLabel.compactMap { $0 })
    for index in shown.indices where !paired.contains(index) {
      counts[shown[index].classIndex][background] += 1
    }
  }
}
