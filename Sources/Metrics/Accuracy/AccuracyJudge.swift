public import Datasets

/// Labels and predictions → every figure of a ``DetectionAccuracy``.
public struct AccuracyJudge: Sendable {
  /// The labels.
  public let dataset: Dataset
  /// Resamples for confidence intervals; 0 computes none.
  public var resampleCount = 1000
  /// How many tasks share the resamples.
  public var workerCount = 1

  /// Creates a judge.
  public init(_ dataset: Dataset) { self.dataset = dataset }

  /// What the data set holds.
  public var summary: DatasetSummary {
    let labels = dataset.pictures.lazy.flatMap(\.labels)
    let crowds = labels.count(where: \.isCrowd)
    return DatasetSummary(
      name: dataset.name,
      format: dataset.format.rawValue,
      pictureCount: dataset.pictures.count,
      instanceCount: labels.count - crowds,
      crowdCount: crowds,
      emptyPictureCount: dataset.pictures.count(where: \.labels.isEmpty),
      classNames: dataset.classNames
    )
  }

  /// Judges predictions.
  /// - Parameter predictions: those of each of the data set's pictures, in its order.
  /// - Throws: `results.invalid-score`, `dataset.empty`.
  public func accuracy(
    of predictions: [[Prediction]],
    shape: COCOEvaluator.Shape = .boxes
  ) async throws -> DetectionAccuracy {
    let coco = try COCOEvaluator(shape).evaluate(dataset, predictions: predictions)
    let yolo = YOLOEvaluation(dataset, predictions, shape)
    var accuracy = DetectionAccuracy(
      coco: coco.figures,
      yolo: yolo.figures,
      bestConfidence: yolo.bestConfidence
    )
    accuracy.classes = classes(coco, yolo)
    accuracy.sizes = sizes(coco)
    accuracy.curves = AccuracyCurves(coco, yolo)
    accuracy.confusion = yolo.confusion
    let bootstrap = AccuracyBootstrap(coco, yolo, resampleCount: resampleCount)
    let intervals = await bootstrap.intervals(workers: workerCount)
    accuracy.coco = accuracy.coco.map { $0.with(intervals[$0.name]) }
    accuracy.yolo = accuracy.yolo.map { $0.with(intervals[$0.name]) }
    return accuracy
  }

  /// How much larger COCO's figures of one list of predictions are than those of another, by name,
  /// with the 95 % interval of a bootstrap that draws the same pictures for both.
  /// - Throws: `results.invalid-score`, `dataset.empty`.
  public func differences(
    from first: [[Prediction]],
    to second: [[Prediction]]
  ) async throws -> [AccuracyFigure] {
    let evaluations = try [first, second].map {
      try COCOEvaluator(.boxes).evaluate(dataset, predictions: $0)
    }
    let bootstraps = zip(evaluations, [first, second]).map {
      AccuracyBootstrap($0, YOLOEvaluation(dataset, $1, .boxes), resampleCount: resampleCount)
    }
    let intervals = await bootstraps[0].differences(to: bootstraps[1], workers: workerCount)
    return zip(evaluations[0].figures, evaluations[1].figures).map { a, b in
      AccuracyFigure(a.name, b.value - a.value, interval: intervals[a.name])
    }
  }

  private func classes(_ coco: COCOEvaluation, _ yolo: YOLOEvaluation) -> [ClassAccuracy] {
    yolo.classes.map { result in
      let index = result.classIndex
      let table = yolo.tables[index]
      var row = ClassAccuracy(
        index: index,
        name: dataset.classNames[index],
        pictureCount: table.positives.count,
        instanceCount: table.positiveCount
      )
      row.cocoAP = coco.precision(classIndex: index)
      row.cocoAP50 = coco.precision(classIndex: index, overlap: COCORules.half)
      row.cocoAR = coco.recall(classIndex: index)
      row.precision = result.precision[yolo.best]
      row.recall = result.recall[yolo.best]
      row.f1 = result.f1[yolo.best]
      row.yoloAP50 = result.averagePrecisions[0]
      row.yoloAP =
        result.averagePrecisions.reduce(0, +) / Double(result.averagePrecisions.count)
      return row
    }
  }

  private func sizes(_ coco: COCOEvaluation) -> [SizeAccuracy] {
    COCORules.areas.indices.dropFirst().map { area in
      let range = COCORules.areas[area]
      return SizeAccuracy(
        name: range.name,
        minimumArea: range.minimum,
        maximumArea: range.maximum,
        instanceCount: coco.tables.reduce(0) { $0 + $1.outcomes[area].positiveCount },
        averagePrecision: coco.precision(area: area),
        averagePrecision50: coco.precision(area: area, overlap: COCORules.half),
        averageRecall: coco.recall(area: area)
      )
    }
  }
}

extension AccuracyFigure {
  fileprivate func with(_ interval: AccuracyInterval?) -> AccuracyFigure {
    AccuracyFigure(name, value, interval: interval)
  }
}

extension DetectionAccuracy {
  /// The figures in one line, for people.
  ///
  ///     COCO AP 0.2964, AP50 0.4699; YOLOv5 mAP50 0.4712, mAP50-95 0.2988
  public var words: String {
    func text(_ figures: [AccuracyFigure], _ names: [String]) -> String {
      names.compactMap { name in
        figures.first { $0.name == name }.map { "\(name) \(rounded($0.value, 4))" }
      }.joined(separator: ", ")
    }
    let parts = [
      ("COCO", text(coco, ["AP", "AP50"])), ("YOLOv5", text(yolo, ["mAP50", "mAP50-95"])),
    ]
    return parts.filter { !$1.isEmpty }.map { "\($0) \($1)" }.joined(separator: "; ")
  }
}
