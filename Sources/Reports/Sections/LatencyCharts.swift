import Metrics

/// The charts of timed runs.
enum LatencyCharts {
  typealias Named = (name: String, series: LatencySeries)

  /// How often which latency came.
  static func distribution(_ entries: [Named], _ key: String) -> PageChart {
    var chart = ChartData(.histogram, x: "axis.latency", y: "axis.runs")
    chart.series = entries.map { name, series in
      ChartData.Series(name: name, x: .finite(series.milliseconds), y: .numbers([]))
    }
    let rows = entries.flatMap { name, series in
      bins(series.milliseconds).map {
        [name, "\(HTML.decimal($0.from, 3)) … \(HTML.decimal($0.to, 3))", "\($0.count)"]
      }
    }
    return PageChart(
      title: .word("chart.distribution.\(key)"),
      data: chart,
      table: PageTable(["column.name", "axis.latency", "axis.runs"], texts: rows, numeric: [2])
    )
  }

  /// Which share of the runs took at most how long.
  static func percentiles(_ entries: [Named], _ key: String) -> PageChart {
    var chart = ChartData(.lines, x: "axis.percentile", y: "axis.latency")
    let shown = [1, 5, 10, 25, 50, 75, 90, 95, 99]
    chart.series = entries.map { name, series in
      let sorted = series.milliseconds.filter(\.isFinite).sorted()
      let step = max(1, sorted.count / 300)
      let kept = Array(stride(from: 0, to: sorted.count, by: step))
      return ChartData.Series(
        name: name,
        x: .finite(kept.map { Double($0 + 1) / Double(sorted.count) * 100 }),
        y: .finite(kept.map { sorted[$0] })
      )
    }
    let rows = entries.map { name, series -> [String] in
      let sorted = series.milliseconds.filter(\.isFinite).sorted()
      return [name]
        + shown.map { percent in
          guard !sorted.isEmpty else { return "–" }
          let rank = (sorted.count * percent + 99) / 100
          return HTML.decimal(sorted[min(max(rank, 1), sorted.count) - 1], 2)
        }
    }
    var table = PageTable(["column.name"], texts: rows, numeric: Set(1...shown.count))
    table.columns += shown.map { .text("P\($0)") }
    return PageChart(title: .word("chart.percentiles.\(key)"), data: chart, table: table)
  }

  /// The runs in the order of time.
  static func trace(_ entries: [Named], _ key: String) -> PageChart {
    var chart = ChartData(.lines, x: "axis.seconds", y: "axis.latency")
    chart.series = entries.map { name, series in
      let count = min(series.seconds.count, series.milliseconds.count)
      let step = max(1, count / 1500)
      let kept = Array(stride(from: 0, to: count, by: step))
      var line = ChartData.Series(
        name: name,
        x: .finite(kept.map { series.seconds[$0] }),
        y: .finite(kept.map { series.milliseconds[$0] })
      )
      line.mode = "markers"
      return line
    }
    let rows = entries.map { name, series in
      let summary = series.summary
      return [name, "\(summary.runCount)", "\(series.stride)"]
        + [summary.minimum, summary.p50, summary.mean, summary.maximum].map { HTML.decimal($0, 2) }
    }
    let columns = [
      "column.name", "column.runs", "column.stride", "column.minimum", "column.p50", "column.mean",
      "column.maximum",
    ]
    return PageChart(
      title: .word("chart.trace.\(key)"),
      data: chart,
      table: PageTable(columns, texts: rows, numeric: [1, 2, 3, 4, 5, 6])
    )
  }

  /// What the time from file to detections is made of.
  static func parts(_ records: [(name: String, record: BenchmarkRecord)]) -> PageChart? {
    let shown = records.filter { !$0.record.parts.isEmpty }
    guard !shown.isEmpty else { return nil }
    var chart = ChartData(.bars, y: "axis.latency")
    chart.series = shown.map { name, record in
      ChartData.Series(
        name: name,
        x: .texts(record.parts.map(\.name)),
        y: .finite(record.parts.map(\.milliseconds))
      )
    }
    let rows = shown.flatMap { name, record in
      record.parts.map { [name, $0.name, HTML.decimal($0.milliseconds, 3)] }
    }
    return PageChart(
      title: .word("chart.parts"),
      data: chart,
      table: PageTable(["column.name", "column.stage", "column.ms"], texts: rows, numeric: [2])
    )
  }

  /// Counts in equal bins; empty where there is nothing to count.
  private static func bins(_ values: [Double]) -> [(from: Double, to: Double, count: Int)] {
    let finite = values.filter { $0.isFinite && abs($0) < 1e12 }
    guard let low = finite.min(), let high = finite.max() else { return [] }
    let count = 12
    let width = max((high - low) / Double(count), 1e-9)
    var counts = [Int](repeating: 0, count: count)
    for value in finite { counts[min(count - 1, max(0, Int((value - low) / width)))] += 1 }
    return counts.enumerated().filter { $1 > 0 }
      .map { (low + Double($0) * width, low + Double($0 + 1) * width, $1) }
  }
}
