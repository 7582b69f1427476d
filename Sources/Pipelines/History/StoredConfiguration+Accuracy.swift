import Histories
import Metrics

extension StoredConfiguration {
  /// A measured accuracy, as it is kept: its figures, those that the data set allows.
  init(_ record: AccuracyRecord, modelHash: String) {
    let backend = record.backend ?? "results"
    let rules = record.rules.map { rules in
      let size = rules.imageSize.map(String.init).joined(separator: "×")
      return [
        size, rules.shape, rules.resizing, rules.precision, "conf \(rules.confidence)",
        "iou \(rules.overlap)", "max \(rules.maxDetections)",
      ]
    }
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
      key: ([
        modelHash, backend, "accuracy", record.task, record.dataset.name,
        counted(record.dataset.pictureCount, "picture"),
      ] + (rules ?? [])).joined(separator: " | "),
      label: ([backend, record.dataset.name] + (rules?.prefix(2) ?? [])).joined(separator: " · "),
      figures: figures
    )
  }
}
