public import Datasets
import Diagnostics

/// Pictures with a class each, and rankings → top-1 and top-5.
/// Source: YOLOv5 `classify/val.py`.
public struct ClassificationJudge: Sendable {
  /// Larger matrices are not kept: nobody could read them.
  private static let confusionLimit = 200

  /// The pictures.
  public let dataset: Dataset
  /// Resamples for confidence intervals; 0 computes none.
  public var resampleCount = 1000

  /// Creates a judge.
  public init(_ dataset: Dataset) { self.dataset = dataset }

  /// Judges rankings.
  /// - Parameter rankings: for each of the data set's pictures, in its order, classes of the data
  ///   set from the likeliest on, at least five where there are so many; nil for others.
  /// - Throws: `dataset.empty` where no picture has a class.
  public func accuracy(of rankings: [[Int?]]) throws -> ClassificationAccuracy {
    let truths = dataset.pictures.compactMap(\.classIndex)
    guard truths.count == rankings.count, !truths.isEmpty else {
      throw DeployError(
        .datasetEmpty,
        "\(dataset.pictures.count - truths.count) of \(dataset.pictures.count) pictures have no class",
        remedy: "give a folder with one folder of pictures per class"
      )
    }
    let first = zip(truths, rankings).map { $1.first == .some($0) }
    let five = zip(truths, rankings).map { $1.prefix(5).contains($0) }
    var accuracy = ClassificationAccuracy(
      top1: figure("top1", first),
      top5: figure("top5", five),
      classes: rows(truths, first, five)
    )
    accuracy.confusion = confusion(truths, rankings)
    return accuracy
  }

  private func figure(_ name: String, _ hits: [Bool]) -> AccuracyFigure {
    let share = Double(hits.count { $0 }) / Double(hits.count)
    return AccuracyFigure(name, share, interval: interval(hits, share))
  }

  /// By drawing as many pictures with replacement.
  private func interval(_ hits: [Bool], _ share: Double) -> AccuracyInterval? {
    guard resampleCount > 1, hits.count > 1 else { return nil }
    var random = SplitMix(seed: 1)
    let draws = (0..<resampleCount).map { _ in
      var count = 0
      for _ in hits.indices where hits[random.index(below: hits.count)] { count += 1 }
      return Double(count) / Double(hits.count)
    }
    return AccuracyInterval(around: share, draws: draws, level: 0.95)
  }

  private func rows(
    _ truths: [Int],
    _ first: [Bool],
    _ five: [Bool]
  ) -> [ClassificationAccuracy.ClassRow] {
    dataset.classNames.indices.compactMap { index in
      let places = truths.indices.filter { truths[$0] == index }
      guard !places.isEmpty else { return nil }
      let count = Double(places.count)
      return ClassificationAccuracy.ClassRow(
        index: index,
        name: dataset.classNames[index],
        pictureCount: places.count,
        top1: Double(places.count { first[$0] }) / count,
        top5: Double(places.count { five[$0] }) / count
      )
    }
  }

  /// Rows are predictions, columns the truth; a class that the data set does not have counts in no
  /// row.
  private func confusion(_ truths: [Int], _ rankings: [[Int?]]) -> ConfusionMatrix? {
    let count = dataset.classNames.count
    guard (1...Self.confusionLimit).contains(count) else { return nil }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
    for (truth, ranking) in zip(truths, rankings) {
      if let predicted = ranking.first ?? nil { counts[predicted][truth] += 1 }
    }
    return ConfusionMatrix(counts: counts, confidence: nil, overlap: nil)
  }
}
