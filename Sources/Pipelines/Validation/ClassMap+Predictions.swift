import Datasets
import Detectors

extension ClassMap {
  /// Detections as predictions of the data set's classes; those of others are dropped.
  func predictions(_ detections: [Detection]) -> [Prediction] {
    var predictions: [Prediction] = []
    predictions.reserveCapacity(detections.count)
    for detection in detections {
      guard let classIndex = index(of: detection.classIndex) else { continue }
      let box = detection.box
      let mask = detection.mask.flatMap {
        RunLengthMask(width: $0.width, height: $0.height, runs: $0.counts.map(Int.init))
      }
      predictions.append(
        Prediction(
          classIndex: classIndex,
          score: Double(detection.confidence),
          rectangle: Rectangle(
            x: Double(box.x1),
            y: Double(box.y1),
            width: Double(box.x2 - box.x1),
            height: Double(box.y2 - box.y1)
          ),
          region: mask.map(Region.runs)
        )
      )
    }
    return predictions
  }

  /// The data set's class of a model's class.
  func index(of classIndex: Int) -> Int? {
    indices.indices.contains(classIndex) ? indices[classIndex] : nil
  }
}
