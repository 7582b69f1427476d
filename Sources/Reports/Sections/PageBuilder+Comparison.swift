import Metrics

extension PageBuilder {
  /// What several documents have in common, side by side: the first sections of their page.
  mutating func comparison() -> [PageSection] {
    var blocks: [Block] = [.table(overview())]
    let benchmarks = reports.enumerated().flatMap { index, report in
      report.benchmarks.map { (name: "\(name(index)) · \($0.label)", record: $0) }
    }
    if reports.count(where: { !$0.benchmarks.isEmpty }) > 1 {
      blocks.append(.heading(.word("section.latency")))
      blocks += self.benchmarks(benchmarks)
    }
    let found = accuracies()
    if found.count > 1 {
      blocks += [.heading(.word("section.accuracy")), charts([accuracyBars(found)])]
    }
    let profiles = reports.enumerated().flatMap { index, report in
      report.profiles.map { (name: "\(name(index)) · \($0.backend)", profile: $0) }
    }
    if profiles.count > 1, reports.count(where: { !$0.profiles.isEmpty }) > 1 {
      blocks += [.heading(.word("section.profile")), charts([moduleBars(profiles)])]
    }
    return [PageSection(id: "comparison", title: .word("section.comparison"), blocks: blocks)]
  }

  /// The name of a document among the others: its number tells files of one name apart.
  private func name(_ index: Int) -> String { "\(index + 1). \(reports[index].subject.file)" }

  private func overview() -> PageTable {
    let rows = reports.enumerated().map { index, report -> [Phrase] in
      let passed = report.checks.count { $0.passes }
      let series = report.benchmarks.first?.engine?.summary
      let boxes = report.accuracy.first?.boxes
      func decimal(_ value: Double?, _ places: Int) -> Phrase {
        .text(value.flatMap { $0 < 0 ? nil : HTML.decimal($0, places) } ?? "–")
      }
      return [
        .text(name(index)), .text(report.command), .text(report.date),
        .text(report.subject.family),
        .text(report.checks.isEmpty ? "–" : "\(passed) / \(report.checks.count)"),
        decimal(series?.p50 ?? report.latency?.p50, 2),
        decimal(series?.p90 ?? report.latency?.p90, 2), decimal(boxes?.value("AP"), 4),
        decimal(boxes?.value("mAP50"), 4),
      ]
    }
    let columns = [
      "column.file", "column.command", "column.date", "lead.family", "column.checks",
      "column.p50", "column.p90",
    ]
    var table = PageTable(columns, rows, numeric: [5, 6, 7, 8])
    table.columns += [.text("AP"), .text("mAP50")]
    return table
  }

  private func accuracies() -> [(name: String, boxes: DetectionAccuracy)] {
    reports.enumerated().flatMap { index, report in
      report.accuracy.compactMap { record in
        record.boxes.map { ("\(name(index)) · \(record.dataset.name)", $0) }
      }
    }
  }

  private func accuracyBars(_ found: [(name: String, boxes: DetectionAccuracy)]) -> PageChart {
    let shown = ["AP", "AP50", "AP75", "mAP50", "mAP50-95"]
    var chart = ChartData(.bars, y: "axis.ap")
    chart.series = found.map { name, boxes in
      let figures = shown.map { key in (boxes.coco + boxes.yolo).first { $0.name == key } }
      var series = ChartData.Series(
        name: name,
        x: .texts(shown),
        y: .numbers(figures.map { $0.flatMap { $0.isDefined ? $0.value : nil } })
      )
      series.low = figures.map { $0?.interval?.lower }
      series.high = figures.map { $0?.interval?.upper }
      return series
    }
    let rows = found.map { name, boxes in
      [name] + shown.map { boxes.value($0).map { HTML.decimal($0, 4) } ?? "–" }
    }
    var table = PageTable(["column.name"], texts: rows, numeric: Set(1...shown.count))
    table.columns += shown.map { .text($0) }
    return PageChart(title: .word("section.accuracy"), data: chart, table: table)
  }

  private func moduleBars(_ profiles: [(name: String, profile: LayerProfile)]) -> PageChart {
    let sums = profiles.map { entry in
      Dictionary(entry.profile.modules().map { ($0.module, $0.milliseconds) }) { $0 + $1 }
    }
    let modules = profiles.flatMap { $0.profile.modules().map(\.module) }
    var seen: Set<String> = []
    let order = modules.filter { !$0.isEmpty && seen.insert($0).inserted }.prefix(40)
    var chart = ChartData(.bars, x: "axis.latency")
    chart.horizontal = true
    chart.height = 140 + 12 * order.count * profiles.count
    chart.series = zip(profiles, sums).map { entry, sum in
      ChartData.Series(
        name: entry.name,
        x: .numbers(order.map { sum[$0] }),
        y: .texts(Array(order))
      )
    }
    let rows = order.map { module in
      [module] + sums.map { $0[module].map { HTML.decimal($0, 3) } ?? "–" }
    }
    var table = PageTable(["column.module"], texts: rows, numeric: Set(1...profiles.count))
    table.columns += profiles.map { .text($0.name) }
    return PageChart(title: .word("profile.modules"), data: chart, table: table)
  }
}
