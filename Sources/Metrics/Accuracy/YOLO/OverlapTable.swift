import Datasets

/// How much each prediction of a picture overlaps each label: [predictions, labels].
struct OverlapTable {
  private let values: [Float]
  private let labelCount: Int

  init(
    _ predictions: [Prediction],
    _ labels: [Label],
    _ picture: LabelledPicture,
    _ shape: COCOEvaluator.Shape
  ) {
    labelCount = labels.count
    var values: [Float] = []
    values.reserveCapacity(predictions.count * labels.count)
    switch shape {
    case .boxes:
      let corners = labels.map { Corners($0.rectangle) }
      for prediction in predictions where !labels.isEmpty {
        let box = Corners(prediction.rectangle)
        for corners in corners { values.append(corners.overlap(with: box)) }
      }
    case .masks:
      let masks = labels.map { $0.region?.mask(width: picture.width, height: picture.height) }
      for prediction in predictions where !labels.isEmpty {
        let mask = prediction.region?.mask(width: picture.width, height: picture.height)
        for labelMask in masks {
          guard let mask, let labelMask else {
            values.append(0)
            continue
          }
          values.append(Float(mask.overlap(with: labelMask, isCrowd: false)))
        }
      }
    }
    self.values = values
  }

  subscript(prediction: Int, label: Int) -> Float { values[prediction * labelCount + label] }

  /// The label of the prediction's class that it overlaps most; of equal ones the last.
  func best(
    for index: Int,
    _ predictions: [Prediction],
    _ labels: [Label]
  ) -> (label: Int, overlap: Float)? {
    var best: (label: Int, overlap: Float)?
    for (place, label) in labels.enumerated()
    where label.classIndex == predictions[index].classIndex {
      let overlap = self[index, place]
      if overlap >= best?.overlap ?? 0 { best = (place, overlap) }
    }
    return best
  }

  /// Corners in single precision. Source: YOLOv5 `metrics.box_iou`.
  private struct Corners {
    let left, top, right, bottom: Float

    init(_ rectangle: Rectangle) {
      left = Float(rectangle.x)
      top = Float(rectangle.y)
      right = Float(rectangle.x + rectangle.width)
      bottom = Float(rectangle.y + rectangle.height)
    }

    func overlap(with other: Corners) -> Float {
      let width = max(0, min(right, other.right) - max(left, other.left))
      let height = max(0, min(bottom, other.bottom) - max(top, other.top))
      let shared = width * height
      let area = (right - left) * (bottom - top)
      let otherArea = (other.right - other.left) * (other.bottom - other.top)
      return shared / (area + otherArea - shared + 1e-7)
    }
  }
}
