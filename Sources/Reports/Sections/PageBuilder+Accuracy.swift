import Diagnostics
import Metrics

extension PageBuilder {
  mutating func accuracy(_ record: AccuracyRecord) -> [Block] {
    let dataset = record.dataset
    let who = [record.model, record.backend].compactMap { $0 }.joined(separator: " · ")
    var blocks: [Block] = [
      .paragraph(
        .word(
          "accuracy.intro",
          who.isEmpty ? "–" : who,
          dataset.name,
          "\(dataset.pictureCount)",
          "\(dataset.instanceCount)"
        )
      )
    ]
    if let rules = record.rules { blocks.append(.paragraph(words(rules), .dim)) }
    for (kind, part) in [("boxes", record.boxes), ("masks", record.masks)] {
      guard let part else { continue }
      blocks.append(.heading(.word("accuracy.\(kind)")))
      let parts = AccuracyCharts(part, names: dataset.classNames)
      blocks += [.table(parts.figures), charts(parts.charts)]
    }
    if let classes = record.classification { blocks += classification(classes, dataset) }
    if let speed = record.speed { blocks.append(.paragraph(words(speed), .dim)) }
    return blocks + notes(record.diagnostics)
  }

  private func words(_ rules: AccuracyRules) -> Phrase {
    .word(
      "accuracy.rules",
      rules.imageSize.map(String.init).joined(separator: " × "),
      rules.shape,
      HTML.decimal(rules.confidence, 3),
      HTML.decimal(rules.overlap, 2),
      "\(rules.maxDetections)",
      rules.precision
    )
  }

  private func words(_ speed: EvaluationSpeed) -> Phrase {
    .word(
      "accuracy.speed",
      HTML.decimal(speed.seconds, 1),
      "\(speed.workerCount)",
      HTML.decimal(speed.inferenceMilliseconds, 1),
      HTML.decimal(speed.shareBeyondInference * 100, 1)
    )
  }

  private mutating func classification(
    _ record: ClassificationAccuracy,
    _ dataset: DatasetSummary
  ) -> [Block] {
    let rows = record.classes.map {
      [$0.name, "\($0.pictureCount)", HTML.decimal($0.top1, 4), HTML.decimal($0.top5, 4)]
    }
    let columns = ["column.class", "column.pictures", "column.top1", "column.top5"]
    var blocks: [Block] = [
      .heading(.word("accuracy.classes")),
      .table(AccuracyCharts.figures([("", record.top1), ("", record.top5)])),
      .folded(
        .word("table.show"),
        [.table(PageTable(columns, texts: rows, numeric: [1, 2, 3]))]
      ),
    ]
    if let confusion = record.confusion {
      blocks.append(
        charts([ConfusionChart.chart(confusion, names: dataset.classNames)].compactMap { $0 })
      )
    }
    return blocks
  }
}
