public import Datasets
import Diagnostics

/// COCO's average precision and recall: the twelve figures of pycocotools.
///
/// Per picture and class, the 100 surest predictions each take the free label with the largest
/// overlap, for ten overlaps and four ranges of areas. Crowds, and labels outside the range of
/// areas, may be taken but make a prediction neither right nor wrong.
/// Source: pycocotools `cocoeval.COCOeval`.
public struct COCOEvaluator: Sendable {
  /// What overlaps are measured on.
  public enum Shape: Sendable {
    /// Boxes.
    case boxes
    /// Masks; labels and predictions without one have no overlap with anything.
    case masks
  }

  /// What overlaps are measured on.
  public let shape: Shape

  /// Creates an evaluator.
  public init(_ shape: Shape = .boxes) { self.shape = shape }

  /// Judges predictions.
  /// - Parameter predictions: those of each of the data set's pictures, in its order.
  /// - Throws: `results.invalid-score` for scores that are not finite, `dataset.empty` where there
  ///   is nothing to find.
  public func evaluate(
    _ dataset: Dataset,
    predictions: [[Prediction]]
  ) throws -> COCOEvaluation {
    try Self.check(dataset, predictions)
    let order = dataset.pictures.indices.sorted {
      (dataset.pictures[$0].identifier, $0) < (dataset.pictures[$1].identifier, $1)
    }
    var matcher = COCOMatcher(classCount: dataset.classNames.count, shape: shape)
    for index in order {
      matcher.match(dataset.pictures[index], predictions[index], picture: index)
    }
    return COCOEvaluation(
      tables: matcher.finish(),
      classNames: dataset.classNames,
      pictureCount: dataset.pictures.count
    )
  }

  private static func check(_ dataset: Dataset, _ predictions: [[Prediction]]) throws {
    precondition(dataset.pictures.count == predictions.count, "predictions belong to pictures")
    for (picture, predictions) in zip(dataset.pictures, predictions) {
      if let bad = predictions.first(where: { !$0.score.isFinite || !$0.rectangle.isFinite }) {
        throw DeployError(
          .resultsInvalidScore,
          "a prediction has the score \(bad.score) and the box \(bad.rectangle)",
          at: .file(path: picture.path),
          remedy: "find out why the model gives such numbers: they cannot be ranked"
        )
      }
    }
    guard dataset.pictures.contains(where: { !$0.labels.isEmpty }) else {
      throw DeployError(
        .datasetEmpty,
        "none of the \(dataset.pictures.count) pictures has a label, so nothing can be measured",
        remedy: "check that the labels belong to these pictures"
      )
    }
  }
}
