import Datasets

/// Matches predictions with labels by YOLOv5's rule, picture by picture.
///
/// Each prediction chooses the label of its class that it overlaps most; of those that chose a
/// label with enough overlap, the surest has it. Crowds are no labels.
/// Source: YOLOv5 `val.process_batch`.
struct YOLOMatcher {
  private(set) var tables: [YOLOTable]
  private(set) var confusion: ConfusionCounter?
  private let shape: COCOEvaluator.Shape

  init(classCount: Int, shape: COCOEvaluator.Shape) {
    self.shape = shape
    tables = Array(repeating: YOLOTable(), count: classCount)
    confusion = ConfusionCounter(classCount: classCount)
  }

  /// Matches one picture.
  mutating func match(_ picture: LabelledPicture, _ predictions: [Prediction], picture place: Int) {
    let labels = picture.labels.filter {
      !$0.isCrowd && tables.indices.contains($0.classIndex)
    }
    let sorted = Self.bySureness(predictions.filter { tables.indices.contains($0.classIndex) })
    let overlaps = OverlapTable(sorted, labels, picture, shape)
    count(labels, place)
    confusion?.count(sorted, labels, overlaps)
    let choices = sorted.indices.map { overlaps.best(for: $0, sorted, labels) }
    var bits = [UInt16](repeating: 0, count: sorted.count)
    for (threshold, least) in YOLORules.overlaps.enumerated() {
      var taken = [Bool](repeating: false, count: labels.count)
      for index in sorted.indices {
        guard let choice = choices[index], choice.overlap >= least, !taken[choice.label] else {
          continue
        }
        taken[choice.label] = true
        bits[index] |= 1 << UInt16(threshold)
      }
    }
    for (index, prediction) in sorted.enumerated() {
      tables[prediction.classIndex].scores.append(prediction.score)
      tables[prediction.classIndex].pictures.append(Int32(truncatingIfNeeded: place))
      tables[prediction.classIndex].right.append(bits[index])
    }
  }

  /// The tables by class index, sorted.
  mutating func finish() -> [YOLOTable] {
    for index in tables.indices { tables[index].sort() }
    return tables
  }

  private mutating func count(_ labels: [Label], _ place: Int) {
    var counts: [Int: Int32] = [:]
    for label in labels { counts[label.classIndex, default: 0] += 1 }
    for (classIndex, count) in counts {
      tables[classIndex].positives.append((Int32(truncatingIfNeeded: place), count))
    }
  }

  private static func bySureness(_ predictions: [Prediction]) -> [Prediction] {
    let order = predictions.indices.sorted {
      let (a, b) = (predictions[$0].score, predictions[$1].score)
      return a != b ? a > b : $0 < $1
    }
    return order.map { predictions[$0] }
  }
}
