import Metrics

extension AccuracyRecord {
  /// The figures as tables.
  var text: String {
    var parts = [head]
    if let boxes { parts.append(boxes.text(title: "boxes", dataset)) }
    if let masks { parts.append(masks.text(title: "masks", dataset)) }
    if let classification { parts.append(classification.text) }
    if let speed { parts.append(speed.text) }
    return parts.joined(separator: "\n\n")
  }

  private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  private var head: String {
    let name = model.map { "\(Style.bold($0)) on " } ?? ""
    let crowds = dataset.crowdCount > 0 ? ", \(count(dataset.crowdCount, "crowd"))" : ""
    let objects =
      classification == nil ? ", \(count(dataset.instanceCount, "object"))\(crowds)" : ""
    let line = "\(name)\(dataset.name): \(count(dataset.pictureCount, "picture"))\(objects)"
    guard let rules, classification == nil else { return line }
    let size = rules.imageSize.map(String.init).joined(separator: "×")
    return line + "\n"
      + Style.dim(
        "\(size) \(rules.shape), scaled as \(rules.resizingWords), confidence "
          + "\(rules.confidence), overlap \(rules.overlap), at most \(rules.maxDetections)"
      )
  }
}

extension AccuracyRules {
  /// Whose way of scaling it is.
  fileprivate var resizingWords: String {
    switch resizing {
    case "earlyEvaluation": "YOLOv5's val up to v6.2 does (sizes rounded down)"
    case "evaluation": "YOLOv5's val does since v7.0 (sizes rounded up)"
    default: "the '\(resizing)' rule says"
    }
  }
}

extension DetectionAccuracy {
  /// Classes beyond these are left to `--json`.
  private static let classLimit = 20

  func text(title: String, _ dataset: DatasetSummary) -> String {
    var table = Table([title, "value", "95 % interval"], numeric: [1])
    for figure in coco { table.add(["COCO \(figure.name)"] + figure.cells) }
    for figure in yolo { table.add(["YOLOv5 \(figure.name)"] + figure.cells) }
    let best = "P, R and F1 at the confidence \(decimal(bestConfidence, 3)), where F1 is greatest"
    return table.text + "\n" + Style.dim(best) + "\n\n" + classTable
  }

  private var classTable: String {
    var table = Table(
      ["class", "pictures", "objects", "P", "R", "mAP50", "mAP50-95", "COCO AP"],
      numeric: [1, 2, 3, 4, 5, 6, 7]
    )
    let shown = classes.sorted { $0.instanceCount > $1.instanceCount }.prefix(Self.classLimit)
    for row in shown {
      let values = [row.precision, row.recall, row.yoloAP50, row.yoloAP, row.cocoAP]
      table.add(
        [row.name, "\(row.pictureCount)", "\(row.instanceCount)"]
          + values.map { $0 < 0 ? "–" : decimal($0, 3) }
      )
    }
    let rest = classes.count - shown.count
    return table.text + (rest > 0 ? "\n" + Style.dim("… \(rest) more classes: --json") : "")
  }
}

extension ClassificationAccuracy {
  fileprivate var text: String {
    var table = Table(["classification", "value", "95 % interval"], numeric: [1])
    for figure in [top1, top5] { table.add([figure.name] + figure.cells) }
    var rows = Table(["class", "pictures", "top1", "top5"], numeric: [1, 2, 3])
    for row in classes {
      rows.add(
        [row.name, "\(row.pictureCount)", decimal(row.top1, 3), decimal(row.top5, 3)]
      )
    }
    return table.text + "\n\n" + rows.text
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
