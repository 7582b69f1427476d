import Backends
import Metrics

extension PageBuilder {
  /// Accuracy against speed against size.
  mutating func precision(_ comparison: PrecisionComparison) -> [Block] {
    var blocks: [Block] = [
      .paragraph(
        .word(
          "precision.intro",
          comparison.model,
          "\(comparison.pictureCount)",
          comparison.dataset,
          "\(comparison.backend) \(comparison.backendVersion)",
          "\(comparison.threadCount)"
        )
      ), .paragraph(.said(comparison.method), .dim), .table(rows(comparison)),
    ]
    let measured = comparison.rows.filter { $0.absence == nil }
    if !measured.isEmpty { blocks.append(charts(bars(measured))) }
    return blocks
  }

  private func rows(_ comparison: PrecisionComparison) -> PageTable {
    let rows = comparison.rows.map { row -> [Phrase] in
      if let absence = row.absence {
        let reason = [absence, row.remedy].compactMap { $0 }.joined(separator: "; ")
        return [.text(row.precision), .word("frameworks.absent", [.said(reason)])]
          + Array(repeating: Phrase.none, count: 8)
      }
      func decimal(_ value: Double?, _ places: Int) -> Phrase {
        .text(value.map { HTML.decimal($0, places) } ?? "–")
      }
      let change = row.change.map {
        "\(HTML.decimal($0.value, 4)) [\(HTML.decimal($0.lower, 4)), \(HTML.decimal($0.upper, 4))]"
      }
      return [
        .text(row.precision), .said(row.form), decimal(row.averagePrecision, 4),
        decimal(row.averagePrecision50, 4), .text(change ?? "–"), decimal(row.latency?.p50, 2),
        decimal(row.latency?.p90, 2), decimal(row.throughput, 1),
        decimal(row.byteCount.map { Double($0) / 1e6 }, 2), .said(row.verdict?.words ?? "–"),
      ]
    }
    let columns = ["column.precision", "column.form"]
    var table = PageTable(columns, rows, numeric: [2, 3, 5, 6, 7, 8])
    table.columns += [
      .text("AP"), .text("AP50"), .word("column.apchange"), .word("column.p50"),
      .word("column.p90"), .word("column.throughput"), .word("axis.size"),
      .word("column.verdict"),
    ]
    return table
  }

  private func bars(_ rows: [PrecisionMeasurement]) -> [PageChart] {
    let names = rows.map(\.precision)
    func chart(_ key: String, _ series: [(name: String, values: [Double?])], _ places: Int)
      -> PageChart?
    {
      let shown = series.filter { $0.values.contains { $0 != nil } }
      guard !shown.isEmpty else { return nil }
      var chart = ChartData(.bars, y: "axis.\(key)")
      chart.series = shown.map { name, values in
        var bar = ChartData.Series(name: name, x: .texts(names), y: .numbers(values))
        bar.text = values.map { $0.map { HTML.decimal($0, places) } ?? "" }
        return bar
      }
      let cells = names.indices.map { index in
        [names[index]] + shown.map { $0.values[index].map { HTML.decimal($0, places) } ?? "–" }
      }
      var table = PageTable(["column.precision"], texts: cells, numeric: Set(1...shown.count))
      table.columns += shown.map { $0.name.isEmpty ? .word("axis.\(key)") : .text($0.name) }
      return PageChart(title: .word("chart.precision.\(key)"), data: chart, table: table)
    }
    return [
      chart(
        "ap",
        [("AP", rows.map(\.averagePrecision)), ("AP50", rows.map(\.averagePrecision50))],
        4
      ), chart("latency", [("P50", rows.map { $0.latency?.p50 })], 2),
      chart("size", [("", rows.map { $0.byteCount.map { Double($0) / 1e6 } })], 2),
    ].compactMap { $0 }
  }

  /// The waterfall from everything off to everything on.
  mutating func attribution(_ attribution: Attribution) -> [Block] {
    let bars = attribution.bars
    let chart = waterfall(attribution, bars.map { ($0.name, $0.change.value) })
    func words(_ interval: Attribution.TimeInterval) -> String {
      "\(HTML.decimal(interval.value, 2)) "
        + "[\(HTML.decimal(interval.lower, 2)), \(HTML.decimal(interval.upper, 2))]"
    }
    let rows: [[Phrase]] =
      [[.word("attribution.start"), .none, .text(words(attribution.start)), .none, .none]]
      + bars.map {
        [
          .text($0.name), Self.kind($0.kind), .text(words($0.change)),
          .text(words($0.costOfLeavingOut)), .said($0.words),
        ]
      } + [[.word("attribution.end"), .none, .text(words(attribution.end)), .none, .none]]
    let columns = [
      "column.optimisation", "column.kind", "column.changems", "column.without", "column.verdict",
    ]
    let steps = PageChart(
      title: .word("chart.waterfall"),
      data: chart,
      table: PageTable(columns, rows, numeric: [2, 3])
    )
    let kinds = attribution.kinds.map { found in
      PageChart(
        title: .word("chart.kinds"),
        data: waterfall(attribution, found.map { ($0.name, $0.change.value) }, isOfKinds: true),
        table: PageTable(
          ["column.kind", "column.changems"],
          found.map { [Self.kind($0.name), .text(words($0.change))] },
          numeric: [1]
        )
      )
    }
    return [
      .paragraph(
        .word(
          "attribution.intro",
          attribution.model,
          "\(attribution.backend) \(attribution.backendVersion)",
          words(attribution.speedup)
        )
      ), .paragraph(.said(attribution.method), .dim),
      charts((kinds.map { [$0] } ?? []) + [steps]),
      .folded(
        .word("attribution.what"),
        [
          .table(
            PageTable(
              ["column.optimisation", "column.what"],
              texts: bars.map { [$0.name, $0.summary] }
            )
          )
        ]
      ),
    ]
  }

  /// The name of a kind of optimisation; a document may name any.
  private static func kind(_ name: String?) -> Phrase {
    guard let name else { return .none }
    return EngineOptimization.Kind(rawValue: name) == nil ? .text(name) : .word("kind.\(name)")
  }

  /// Bars that begin where the one before ended.
  private func waterfall(
    _ attribution: Attribution,
    _ bars: [(name: String, change: Double)],
    isOfKinds: Bool = false
  ) -> ChartData {
    var chart = ChartData(.waterfall, y: "axis.latency")
    chart.measures = ["absolute"] + bars.map { _ in "relative" } + ["total"]
    let values = [attribution.start.value] + bars.map(\.change) + [attribution.end.value]
    var series = ChartData.Series(
      x: .texts(["–"] + bars.map { isOfKinds ? "kind.\($0.name)" : $0.name } + ["∑"]),
      y: .finite(values)
    )
    series.text = values.map { HTML.decimal($0, 2) }
    chart.series = [series]
    chart.height = 420
    return chart
  }
}
