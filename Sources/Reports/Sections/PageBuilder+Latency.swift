import Metrics

extension PageBuilder {
  mutating func verdicts(_ report: Report) -> [Block] {
    guard !report.verdicts.isEmpty else { return [] }
    let rows = report.verdicts.map { [Phrase.said($0.words), .said($0.detail)] }
    let names = report.verdicts.map { "\($0.candidate) / \($0.baseline) · \($0.quantity)" }
    var chart = ChartData(.bars, x: "axis.change")
    chart.horizontal = true
    let change = { (ratio: Double) -> Double? in (ratio - 1) * 100 }
    var series = ChartData.Series(
      x: .numbers(report.verdicts.map { change($0.ratio) }),
      y: .texts(names)
    )
    series.low = report.verdicts.map { $0.lower > 0 ? change($0.lower) : nil }
    series.high = report.verdicts.map { $0.upper > 0 ? change($0.upper) : nil }
    chart.series = [series]
    chart.height = 120 + 46 * names.count
    let numbers = report.verdicts.enumerated().map { index, verdict in
      [
        names[index], HTML.decimal((verdict.ratio - 1) * 100, 2),
        HTML.decimal((verdict.lower - 1) * 100, 2), HTML.decimal((verdict.upper - 1) * 100, 2),
      ]
    }
    return [
      .table(PageTable(["column.verdict", "column.basis"], rows)),
      charts([
        PageChart(
          title: .word("chart.change"),
          data: chart,
          table: PageTable(
            ["column.what", "axis.change", "column.lower", "column.upper"],
            texts: numbers,
            numeric: [1, 2, 3]
          )
        )
      ]),
    ]
  }

  mutating func latency(_ report: Report) -> [Block] {
    var blocks: [Block] = []
    if let latency = report.latency {
      let threads: Phrase =
        latency.threadCount == 0 ? .word("latency.ownthreads") : .text("\(latency.threadCount)")
      let row: [Phrase] = [
        .text(latency.backend), .text(latency.inputShape.map(String.init).joined(separator: " × ")),
        threads, .text(HTML.decimal(latency.p50, 2)), .text(HTML.decimal(latency.p90, 2)),
        .text(HTML.decimal(latency.minimum, 2)), .text("\(latency.runCount)"),
      ]
      let columns = [
        "column.backend", "column.input", "column.threads", "column.p50", "column.p90",
        "column.minimum", "column.runs",
      ]
      blocks = [
        .table(PageTable(columns, [row], numeric: [3, 4, 5, 6])),
        .paragraph(.word("latency.note", "\(latency.warmUpCount)"), .dim),
      ]
    }
    return blocks + benchmarks(report.benchmarks.map { ($0.label, $0) })
  }

  /// Benchmarks under the names that they are to have on the page.
  mutating func benchmarks(_ records: [(name: String, record: BenchmarkRecord)]) -> [Block] {
    guard !records.isEmpty else { return [] }
    var blocks: [Block] = [.table(summary(records))]
    let engines = records.compactMap { entry in entry.record.engine.map { (entry.name, $0) } }
    let whole = records.compactMap { entry in entry.record.endToEnd.map { (entry.name, $0) } }
    var drawn: [PageChart] = []
    for (key, series) in [("engine", engines), ("whole", whole)] where !series.isEmpty {
      drawn += [
        LatencyCharts.distribution(series, key), LatencyCharts.percentiles(series, key),
        LatencyCharts.trace(series, key),
      ]
    }
    if let parts = LatencyCharts.parts(records) { drawn.append(parts) }
    if !drawn.isEmpty { blocks.append(charts(drawn)) }
    let notes = records.flatMap { name, record -> [[Phrase]] in
      let words =
        record.warnings + [record.queries?.words, record.endToEndAbsence].compactMap { $0 }
      return words.map { [.text(name), .said($0)] }
    }
    if !notes.isEmpty {
      blocks.append(.table(PageTable(["column.name", "column.note"], notes)))
    }
    return blocks
  }

  private func summary(_ records: [(name: String, record: BenchmarkRecord)]) -> PageTable {
    let rows = records.flatMap { name, record -> [[Phrase]] in
      func row(_ key: String, _ series: LatencySeries?, _ throughput: Double?) -> [Phrase]? {
        guard series != nil || throughput != nil else { return nil }
        let summary = series?.summary
        func decimal(_ value: Double?, _ places: Int) -> Phrase {
          .text(value.map { HTML.decimal($0, places) } ?? "–")
        }
        let use = record.resources
        return [
          .text(name), .word("latency.\(key)"), .word("scenario.\(record.scenario.rawValue)"),
          decimal(summary?.p50, 2), decimal(summary?.p90, 2), decimal(summary?.p99, 2),
          .text(summary.map { "\($0.runCount)" } ?? "–"), decimal(throughput, 1),
          decimal(use?.processorLoad, 2),
          decimal(use.map { Double($0.peakResidentBytes) / 1e6 }, 0),
          decimal(
            record.coldStart.map { $0.buildMilliseconds + $0.firstRunMilliseconds },
            0
          ),
        ]
      }
      return [
        row("engine", record.engine, record.engineThroughput),
        row("whole", record.endToEnd, record.endToEndThroughput),
      ].compactMap { $0 }
    }
    let columns = [
      "column.name", "column.measured", "column.scenario", "column.p50", "column.p90",
      "column.p99", "column.runs", "column.throughput", "column.load", "column.memory",
      "column.cold",
    ]
    return PageTable(columns, rows, numeric: [3, 4, 5, 6, 7, 8, 9, 10])
  }
}
