import Metrics

/// The tables and charts of the accuracy of boxes or masks.
struct AccuracyCharts {
  private let accuracy: DetectionAccuracy
  private let names: [String]

  init(_ accuracy: DetectionAccuracy, names: [String]) {
    self.accuracy = accuracy
    self.names = names
  }

  /// Every chart that the record has data for.
  var charts: [PageChart] {
    let confusion = accuracy.confusion.flatMap { ConfusionChart.chart($0, names: names) }
    return [overRecall(), overConfidence(), classes(), sizes(), confusion].compactMap { $0 }
  }

  /// COCO's twelve figures and YOLOv5's.
  var figures: PageTable {
    Self.figures(accuracy.coco.map { ("COCO", $0) } + accuracy.yolo.map { ("YOLOv5", $0) })
  }

  /// Figures with their intervals; those that nothing defines have a dash.
  static func figures(_ figures: [(rule: String, figure: AccuracyFigure)]) -> PageTable {
    let rows = figures.map { rule, figure in
      [
        rule, figure.name, figure.isDefined ? HTML.decimal(figure.value, 4) : "–",
        figure.interval.map {
          "\(HTML.decimal($0.lower, 4)) … \(HTML.decimal($0.upper, 4))"
        } ?? "",
      ]
    }
    return PageTable(
      ["column.rule", "column.figure", "column.value", "column.interval"],
      texts: rows,
      numeric: [2]
    )
  }

  private func overRecall() -> PageChart? {
    guard let curves = accuracy.curves else { return nil }
    let shown: [AccuracyCurves.Kind] = [
      .precisionRecall, .cocoPrecisionRecall50, .cocoPrecisionRecall75, .cocoPrecisionRecall,
    ]
    return lines("recall", curves, shown, axis: curves.recalls)
  }

  private func overConfidence() -> PageChart? {
    guard let curves = accuracy.curves else { return nil }
    return lines("confidence", curves, [.precision, .recall, .f1], axis: curves.confidences)
  }

  /// The mean curves of some kinds.
  private func lines(
    _ key: String,
    _ curves: AccuracyCurves,
    _ kinds: [AccuracyCurves.Kind],
    axis: [Double]
  ) -> PageChart? {
    let known = kinds.compactMap { kind in curves.values(kind).map { (kind, $0) } }
    guard !known.isEmpty, !axis.isEmpty else { return nil }
    var chart = ChartData(
      .lines,
      x: "axis.\(key)",
      y: key == "recall" ? "curve.precision" : "axis.share"
    )
    chart.rangeX = [0, 1]
    chart.rangeY = [0, 1.02]
    chart.series = known.map { kind, values in
      ChartData.Series(
        word: "curve.\(kind.rawValue)",
        x: .finite(axis),
        y: .numbers(values.map { $0 >= 0 && $0.isFinite ? $0 : nil })
      )
    }
    let step = max(1, (axis.count - 1) / 20)
    let rows = stride(from: 0, to: axis.count, by: step).map { place in
      [HTML.decimal(axis[place], 2)]
        + known.map { $1.indices.contains(place) ? HTML.decimal($1[place], 4) : "–" }
    }
    let columns = ["axis.\(key)"] + known.map { "curve.\($0.0.rawValue)" }
    return PageChart(
      title: .word("chart.\(key)"),
      data: chart,
      table: PageTable(columns, texts: rows, numeric: Set(0...known.count))
    )
  }

  private func classes() -> PageChart? {
    let sorted = accuracy.classes.filter { $0.cocoAP >= 0 }.sorted { $0.cocoAP > $1.cocoAP }
    guard !sorted.isEmpty else { return nil }
    var chart = ChartData(.bars, x: "axis.ap")
    chart.horizontal = true
    chart.height = 110 + 17 * min(sorted.count, 40)
    let shown = sorted.prefix(40)
    chart.series = [
      ChartData.Series(name: "AP", x: .finite(shown.map(\.cocoAP)), y: .texts(shown.map(\.name))),
      ChartData.Series(
        name: "AP50",
        x: .finite(shown.map(\.cocoAP50)),
        y: .texts(shown.map(\.name))
      ),
    ]
    let rows = sorted.map { row in
      [row.name, "\(row.pictureCount)", "\(row.instanceCount)"]
        + [
          row.cocoAP, row.cocoAP50, row.cocoAR, row.precision, row.recall, row.f1, row.yoloAP50,
          row.yoloAP,
        ].map { $0 >= 0 ? HTML.decimal($0, 3) : "–" }
    }
    var table = PageTable(
      ["column.class", "column.pictures", "column.objects"],
      texts: rows,
      numeric: Set(1...10)
    )
    table.columns += ["AP", "AP50", "AR"].map { .text($0) }
    table.columns += ["curve.precision", "curve.recall"].map { .word($0) }
    table.columns += ["F1", "mAP50 (YOLOv5)", "mAP50-95 (YOLOv5)"].map { .text($0) }
    return PageChart(title: .word("chart.classes"), data: chart, table: table)
  }

  private func sizes() -> PageChart? {
    guard !accuracy.sizes.isEmpty else { return nil }
    let rows = accuracy.sizes
    var chart = ChartData(.bars, y: "axis.ap")
    // COCO's figures hold the intervals of the same numbers.
    let intervals = rows.map { row in
      accuracy.coco.first { $0.name == "AP\(row.name)" }?.interval
    }
    var series = ChartData.Series(
      name: "AP",
      x: .texts(rows.map(\.name)),
      y: .numbers(rows.map { $0.averagePrecision >= 0 ? $0.averagePrecision : nil })
    )
    series.low = intervals.map { $0?.lower }
    series.high = intervals.map { $0?.upper }
    chart.series = [series]
    let texts = zip(rows, intervals).map { row, interval in
      [
        row.name, "\(row.instanceCount)", HTML.decimal(row.averagePrecision, 4),
        interval.map { "\(HTML.decimal($0.lower, 4)) … \(HTML.decimal($0.upper, 4))" } ?? "",
        HTML.decimal(row.averagePrecision50, 4), HTML.decimal(row.averageRecall, 4),
      ]
    }
    var table = PageTable(
      ["column.size", "column.objects"],
      texts: texts,
      numeric: [1, 2, 4, 5]
    )
    table.columns += [.text("AP"), .word("column.interval"), .text("AP50"), .text("AR")]
    return PageChart(title: .word("chart.sizes"), data: chart, table: table)
  }
}
