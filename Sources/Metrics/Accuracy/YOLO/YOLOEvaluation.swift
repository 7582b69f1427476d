import Datasets

/// What YOLOv5's evaluation found. Source: YOLOv5 `metrics.ap_per_class`.
struct YOLOEvaluation {
  /// One class that has labels.
  struct ClassResult {
    let classIndex: Int
    /// Precision, recall and F1 at an overlap of 0.50, at each confidence.
    var precision: [Double]
    var recall: [Double]
    var f1: [Double]
    /// AP at each of the ten overlaps.
    var averagePrecisions: [Double]
    /// Precision over 1000 recalls, at an overlap of 0.50.
    var precisionOverRecall: [Double]
  }

  let tables: [YOLOTable]
  let confusion: ConfusionMatrix?
  /// By class index.
  let classes: [ClassResult]
  /// The place of the confidence at which the smoothed mean F1 is greatest.
  let best: Int

  init(_ dataset: Dataset, _ predictions: [[Prediction]], _ shape: COCOEvaluator.Shape) {
    var matcher = YOLOMatcher(classCount: dataset.classNames.count, shape: shape)
    for (index, picture) in dataset.pictures.enumerated() {
      matcher.match(picture, predictions[index], picture: index)
    }
    tables = matcher.finish()
    confusion = matcher.confusion?.matrix
    classes = tables.enumerated().compactMap { index, table in
      table.positives.isEmpty ? nil : Self.result(index, table)
    }
    best = Self.bestPlace(classes.map(\.f1))
  }

  /// The confidence at which the smoothed mean F1 is greatest.
  var bestConfidence: Double { YOLORules.axis(YOLORules.confidenceCount)[best] }

  /// The mean over classes; -1 where there is none.
  func mean(_ value: (ClassResult) -> Double) -> Double {
    classes.isEmpty ? -1 : classes.map(value).reduce(0, +) / Double(classes.count)
  }

  /// The mean curve; nil where there is no class.
  func meanCurve(_ curve: (ClassResult) -> [Double]) -> [Double]? {
    guard let first = classes.first else { return nil }
    var sums = [Double](repeating: 0, count: curve(first).count)
    for result in classes {
      for (place, value) in curve(result).enumerated() { sums[place] += value }
    }
    return sums.map { $0 / Double(classes.count) }
  }

  var figures: [AccuracyFigure] {
    [
      AccuracyFigure("precision", mean { $0.precision[best] }),
      AccuracyFigure("recall", mean { $0.recall[best] }),
      AccuracyFigure("F1", mean { $0.f1[best] }),
      AccuracyFigure("mAP50", mean { $0.averagePrecisions[0] }),
      AccuracyFigure(
        "mAP50-95",
        mean { $0.averagePrecisions.reduce(0, +) / Double($0.averagePrecisions.count) }
      ),
    ]
  }

  private static func result(_ index: Int, _ table: YOLOTable) -> ClassResult {
    let count = YOLORules.confidenceCount
    let none = [Double](repeating: 0, count: count)
    var result = ClassResult(
      classIndex: index,
      precision: none,
      recall: none,
      f1: none,
      averagePrecisions: YOLORules.overlaps.map { _ in 0 },
      precisionOverRecall: none
    )
    guard !table.scores.isEmpty else { return result }
    let positives = Double(table.positiveCount) + YOLORules.epsilon
    let falling = table.scores.map { -$0 }
    for overlap in YOLORules.overlaps.indices {
      let bit = UInt16(1) << UInt16(overlap)
      var right = 0
      var (recalls, precisions): ([Double], [Double]) = ([], [])
      for (place, bits) in table.right.enumerated() {
        if bits & bit != 0 { right += 1 }
        recalls.append(Double(right) / positives)
        precisions.append(Double(right) / Double(place + 1))
      }
      let curve = PrecisionCurve(recalls: recalls, precisions: precisions)
      result.averagePrecisions[overlap] = curve.area
      guard overlap == 0 else { continue }
      let axis = YOLORules.axis(count).map { -$0 }
      result.recall = axis.map { interpolate(at: $0, falling, recalls, before: 0) }
      result.precision = axis.map { interpolate(at: $0, falling, precisions, before: 1) }
      result.precisionOverRecall = YOLORules.axis(count).map(curve.value)
    }
    result.f1 = zip(result.precision, result.recall).map {
      2 * $0 * $1 / ($0 + $1 + YOLORules.epsilon)
    }
    return result
  }

  /// The first place where the mean, smoothed over a tenth of the axis, is greatest.
  private static func bestPlace(_ curves: [[Double]]) -> Int {
    guard let first = curves.first else { return 0 }
    var mean = [Double](repeating: 0, count: first.count)
    for curve in curves {
      for (place, value) in curve.enumerated() { mean[place] += value / Double(curves.count) }
    }
    let half = first.count / 20
    var (best, greatest) = (0, -Double.infinity)
    for place in mean.indices {
      var sum = 0.0
      for offset in place - half...place + half {
        sum += mean[min(max(offset, 0), mean.count - 1)]
      }
      if sum > greatest { (best, greatest) = (place, sum) }
    }
    return best
  }
}
