import Metrics

extension PageBuilder {
  mutating func frameworks(_ comparison: FrameworkComparison) -> [Block] {
    let measured = comparison.engines.filter { $0.latency != nil }
    let shape = comparison.inputShape.map(String.init).joined(separator: " × ")
    var blocks: [Block] = [
      .paragraph(
        .word(
          "frameworks.intro",
          comparison.model,
          shape,
          "\(comparison.threadCount)",
          comparison.precision
        )
      ), .paragraph(.said(comparison.method), .dim),
      .check(
        Check(
          name: comparison.isFair ? "fair" : "not fair",
          passes: comparison.isFair,
          figures: comparison.fairness.map {
            Check.Figure($0.name, "\($0.passes ? "✓" : "✗") \($0.verdict)")
          },
          verdict: "\(comparison.fairness.count { $0.passes }) / \(comparison.fairness.count)"
        )
      ), .table(engines(comparison)),
    ]
    if !measured.isEmpty { blocks.append(charts(bars(measured))) }
    if !comparison.comparisons.isEmpty {
      let rows = comparison.comparisons.map {
        [
          Phrase.text($0.engine), .text($0.baseline), .text(HTML.decimal($0.ratio, 3)),
          .text("\(HTML.decimal($0.lower, 3)) … \(HTML.decimal($0.upper, 3))"), .said($0.verdict),
        ]
      }
      let columns = [
        "column.engine", "column.against", "column.ratio", "column.interval", "column.verdict",
      ]
      blocks.append(.table(PageTable(columns, rows, numeric: [2])))
    }
    return blocks
  }

  private func engines(_ comparison: FrameworkComparison) -> PageTable {
    let rows = comparison.engines.map { engine -> [Phrase] in
      let name = [engine.title, engine.version].filter { !$0.isEmpty }.joined(separator: " ")
      guard let latency = engine.latency else {
        let reason = [engine.absence, engine.remedy].compactMap { $0 }.joined(separator: "; ")
        return [.text(name), .word("frameworks.absent", [.said(reason)])]
          + Array(repeating: Phrase.none, count: 7)
      }
      func decimal(_ value: Double?, _ places: Int) -> Phrase {
        .text(value.map { HTML.decimal($0, places) } ?? "–")
      }
      return [
        .text(name), decimal(latency.p50, 2), decimal(latency.p90, 2), decimal(latency.p99, 2),
        decimal(engine.throughput, 1), decimal(engine.peakMemory.map { Double($0) / 1e6 }, 0),
        decimal(engine.processorLoad, 2), decimal(engine.coldStartMilliseconds, 0),
        decimal(engine.transportMilliseconds, 3),
      ]
    }
    let columns = [
      "column.engine", "column.p50", "column.p90", "column.p99", "column.throughput",
      "column.memory", "column.load", "column.cold", "column.transport",
    ]
    return PageTable(columns, rows, numeric: [2, 3, 4, 5, 6, 7, 8])
  }

  private func bars(_ engines: [FrameworkMeasurement]) -> [PageChart] {
    let names = engines.map(\.title)
    func chart(_ key: String, _ places: Int, _ value: (FrameworkMeasurement) -> Double?)
      -> PageChart?
    {
      let values = engines.map(value)
      guard values.contains(where: { $0 != nil }) else { return nil }
      var chart = ChartData(.bars, y: "axis.\(key)")
      var series = ChartData.Series(x: .texts(names), y: .numbers(values))
      series.text = values.map { $0.map { HTML.decimal($0, places) } ?? "" }
      chart.series = [series]
      let rows = zip(names, values).map { [$0, $1.map { HTML.decimal($0, places) } ?? "–"] }
      return PageChart(
        title: .word("chart.\(key)"),
        data: chart,
        table: PageTable(["column.engine", "axis.\(key)"], texts: rows, numeric: [1])
      )
    }
    return [
      chart("latency", 2) { $0.latency?.p50 }, chart("throughput", 1, \.throughput),
      chart("memory", 0) { $0.peakMemory.map { Double($0) / 1e6 } },
      chart("load", 2, \.processorLoad),
    ].compactMap { $0 }
  }
}
