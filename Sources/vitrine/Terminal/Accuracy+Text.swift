import Metrics

extension AccuracyRecord {
  /// The figures as tables.
  var text: String {
    var parts = [head]
    if let boxes { parts.append(boxes.text(title: "Boxes")) }
    if let masks { parts.append(masks.text(title: "Masks")) }
    if let speed { parts.append(speed.text) }
    return parts.joined(separator: "\n\n")
  }

  private var head: String {
    let name = model.map { "\(Style.bold($0)) on " } ?? ""
    let crowds = dataset.crowdCount > 0 ? ", \(dataset.crowdCount) crowds" : ""
    return "\(name)\(dataset.name): \(dataset.pictureCount) pictures, "
      + "\(dataset.instanceCount) objects\(crowds)"
  }
}

extension DetectionAccuracy {
  func text(title: String) -> String {
    var table = Table([title, "value", "95 % interval"], numeric: [1])
    for figure in coco { table.add(["COCO \(figure.name)"] + figure.cells) }
    for figure in yolo { table.add(["YOLOv5 \(figure.name)"] + figure.cells) }
    return table.text
  }
}

extension AccuracyFigure {
  fileprivate var cells: [String] {
    let range = interval.map { "\(decimal($0.lower, 4)) to \(decimal($0.upper, 4))" } ?? ""
    return [isDefined ? decimal(value, 4) : "–", range]
  }
}

extension EvaluationSpeed {
  var text: String {
    let stages = [
      ("decode", decodeMilliseconds), ("letterbox", preprocessMilliseconds),
      ("inference", inferenceMilliseconds), ("suppression", postprocessMilliseconds),
    ].map { "\($0) \(decimal($1, 1))" }.joined(separator: ", ")
    return Style.dim(
      "\(decimal(seconds, 1)) s with \(workerCount) workers; per picture in ms: \(stages); "
        + "\(decimal(100 * shareBeyondInference, 0)) % beyond inference"
    )
  }
}
