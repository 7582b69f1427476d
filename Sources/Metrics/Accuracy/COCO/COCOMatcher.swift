import Datasets

/// Matches predictions with labels, picture by picture, into one table per class.
struct COCOMatcher {
  private let shape: COCOEvaluator.Shape
  private var tables: [COCOTable]
  /// Overlaps of the present picture and class: [predictions, labels].
  private var overlaps: [Double] = []

  init(classCount: Int, shape: COCOEvaluator.Shape) {
    self.shape = shape
    tables = Array(repeating: COCOTable(), count: classCount)
  }

  /// The tables by class index, sorted.
  consuming func finish() -> [COCOTable] {
    for index in tables.indices { tables[index].sort() }
    return tables
  }

  /// Matches one picture. Pictures come by rising identifier.
  mutating func match(_ picture: LabelledPicture, _ predictions: [Prediction], picture place: Int) {
    var labelsOfClass: [Int: [Label]] = [:]
    for label in picture.labels where tables.indices.contains(label.classIndex) {
      labelsOfClass[label.classIndex, default: []].append(label)
    }
    var predictionsOfClass: [Int: [Prediction]] = [:]
    for prediction in predictions where tables.indices.contains(prediction.classIndex) {
      predictionsOfClass[prediction.classIndex, default: []].append(prediction)
    }
    for index in Set(labelsOfClass.keys).union(predictionsOfClass.keys).sorted() {
      let labels = labelsOfClass[index] ?? []
      let surest = Self.surest(predictionsOfClass[index] ?? [])
      measureOverlaps(surest, labels, picture)
      append(surest, labels, place, to: index)
    }
  }

  /// The 100 surest, the surest first; equal scores keep their order.
  private static func surest(_ predictions: [Prediction]) -> [Prediction] {
    let order = predictions.indices.sorted {
      let (a, b) = (predictions[$0].score, predictions[$1].score)
      return a != b ? a > b : $0 < $1
    }
    return order.prefix(100).map { predictions[$0] }
  }

  private mutating func measureOverlaps(
    _ predictions: [Prediction],
    _ labels: [Label],
    _ picture: LabelledPicture
  ) {
    overlaps.removeAll(keepingCapacity: true)
    guard !predictions.isEmpty, !labels.isEmpty else { return }
    switch shape {
    case .boxes:
      for prediction in predictions {
        for label in labels {
          overlaps.append(
            prediction.rectangle.overlap(with: label.rectangle, isCrowd: label.isCrowd)
          )
        }
      }
    case .masks:
      let labelMasks = labels.map { Self.mask($0.region, picture) }
      for prediction in predictions {
        let mask = Self.mask(prediction.region, picture)
        for (label, labelMask) in zip(labels, labelMasks) {
          guard let mask, let labelMask else {
            overlaps.append(-1)
            continue
          }
          overlaps.append(mask.overlap(with: labelMask, isCrowd: label.isCrowd))
        }
      }
    }
  }

  private static func mask(_ region: Region?, _ picture: LabelledPicture) -> RunLengthMask? {
    region?.mask(width: picture.width, height: picture.height)
  }

  /// Decides for each range of areas and each overlap.
  private mutating func append(
    _ predictions: [Prediction],
    _ labels: [Label],
    _ place: Int,
    to classIndex: Int
  ) {
    tables[classIndex].isMentioned = true
    for (rank, prediction) in predictions.enumerated() {
      tables[classIndex].scores.append(prediction.score)
      tables[classIndex].pictures.append(Int32(truncatingIfNeeded: place))
      tables[classIndex].ranks.append(UInt8(rank))
    }
    for (index, range) in COCORules.areas.enumerated() {
      let isIgnored = labels.map { $0.isCrowd || range.excludes($0.area) }
      let positives = isIgnored.count { !$0 }
      if positives > 0 {
        tables[classIndex].outcomes[index].positives.append((Int32(place), Int32(positives)))
      }
      let first = tables[classIndex].outcomes[index].matched.count
      let fresh = [UInt16](repeating: 0, count: predictions.count)
      tables[classIndex].outcomes[index].matched += fresh
      tables[classIndex].outcomes[index].ignored += fresh
      if !labels.isEmpty {
        Self.assign(
          overlaps,
          predictions,
          labels,
          isIgnored,
          to: &tables[classIndex].outcomes[index],
          first
        )
      }
      for (offset, prediction) in predictions.enumerated() where range.excludes(prediction.area) {
        // Unmatched predictions outside the range are nobody's mistake.
        let matched = tables[classIndex].outcomes[index].matched[first + offset]
        tables[classIndex].outcomes[index].ignored[first + offset] |= ~matched & 0x3FF
      }
    }
  }

  private static func assign(
    _ overlaps: [Double],
    _ predictions: [Prediction],
    _ labels: [Label],
    _ isIgnored: [Bool],
    to outcomes: inout COCOTable.Outcomes,
    _ first: Int
  ) {
    // Labels that do not count come last.
    let order = labels.indices.filter { !isIgnored[$0] } + labels.indices.filter { isIgnored[$0] }
    var taken: [Bool] = []
    for (threshold, least) in COCORules.overlaps.enumerated() {
      taken.removeAll(keepingCapacity: true)
      taken += repeatElement(false, count: labels.count)
      for prediction in predictions.indices {
        let row = prediction * labels.count
        var (best, bestOverlap) = (-1, min(least, 1 - 1e-10))
        for label in order {
          if taken[label], !labels[label].isCrowd { continue }
          if best >= 0, !isIgnored[best], isIgnored[label] { break }
          if overlaps[row + label] < bestOverlap { continue }
          (best, bestOverlap) = (label, overlaps[row + label])
        }
        guard best >= 0 else { continue }
        taken[best] = true
        let bit = UInt16(1) << UInt16(threshold)
        if isIgnored[best] { outcomes.ignored[first + prediction] |= bit }
        // pycocotools takes a label with the identifier 0 for none.
        if labels[best].identifier != 0 { outcomes.matched[first + prediction] |= bit }
      }
    }
  }
}
