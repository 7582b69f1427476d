import Histories
import Metrics

extension StoredConfiguration {
  /// A measured accuracy, as it is kept: its figures, those that the data set allows.
  init(_ record: AccuracyRecord, modelHash: String) {
    let backend = record.backend ?? "unknown"
    var figures: [String: Double] = [:]
    func keep(_ prefix: String, _ list: [AccuracyFigure]) {
      for figure in list where figure.isDefined {
        figures["\(prefix) \(figure.name)"] = figure.value
      }
    }
    for (part, found) in [("boxes", record.boxes), ("masks", record.masks)] {
      keep("\(part) COCO", found?.coco ?? [])
      keep("\(part) YOLOv5", found?.yolo ?? [])
    }
    if let classes = record.classification { keep("classes", [classes.top1, classes.top5]) }
    self.init(
      key: [modelHash, backend, "accuracy", record.task, record.dataset.name]
        .joined(separator: " | "),
      label: "\(backend) · \(record.dataset.name)",
      figures: figures
    )
  }
}
