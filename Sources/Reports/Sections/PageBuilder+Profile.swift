import Metrics

extension PageBuilder {
  private struct HeatMapData: Encodable {
    /// The name of the structure's data, whose plan the profile timed.
    var structure: String?
    /// The stage that is shown.
    var stage: Int?
    var tree: ChartData
    var roofline: ChartData?
  }

  /// Where the time goes: on the graph, as a map, under the roof, and as tables.
  mutating func profile(_ profile: LayerProfile, _ report: Report, _ index: Int) -> [Block] {
    guard !profile.layers.isEmpty else { return [] }
    let tree = ProfileTree(profile)
    let stages = report.structure?.stages ?? []
    let stage =
      stages.lastIndex { $0.kind == .plan && $0.nodes.count == profile.layers.count }
      ?? stages.firstIndex { $0.nodes.contains { $0.milliseconds != nil } }
    let source = data.add(
      HeatMapData(
        structure: stage == nil ? nil : structures[index],
        stage: stage,
        tree: tree.chart,
        roofline: Self.roofline(profile)
      )
    )
    return [
      .heading(
        .text([profile.backend, profile.version].filter { !$0.isEmpty }.joined(separator: " "))
      ), .paragraph(summary(profile)), .tool(kind: "heatmap", source: source),
      .heading(.word("profile.modules")), .table(modules(profile)),
      .folded(.word("profile.layers"), [.table(layers(profile))]),
    ] + peaks(profile)
  }

  private func summary(_ profile: LayerProfile) -> Phrase {
    let total = profile.totalMilliseconds ?? profile.layerMilliseconds
    return .word(
      "profile.intro",
      [
        .text("\(profile.layers.count)"), .text(HTML.decimal(total, 2)),
        .text("\(profile.runCount)"), .said(profile.source),
        .text(HTML.decimal(profile.betweenLayersMilliseconds ?? 0, 2)),
        .text(profile.unobservedMilliseconds.map { HTML.decimal($0, 2) } ?? "–"),
      ]
    )
  }

  private func modules(_ profile: LayerProfile) -> PageTable {
    let total = max(profile.totalMilliseconds ?? 0, profile.layerMilliseconds)
    let bounds = ProfileTree.bounds(profile)
    let rows = profile.modules().map { module -> [Phrase] in
      let speed = module.milliseconds > 0 ? module.operations / (module.milliseconds * 1e6) : 0
      let bound = bounds[module.module]
      return [
        .text(module.module.isEmpty ? "–" : module.module), .text("\(module.layerCount)"),
        .text(HTML.decimal(module.milliseconds, 3)),
        .text(total > 0 ? HTML.decimal(module.milliseconds / total * 100, 1) : ""),
        .text(module.bytes > 0 ? HTML.decimal(module.operations / module.bytes, 1) : "–"),
        .text(module.operations > 0 ? HTML.decimal(speed, 1) : "–"),
        .text(bound?.share.map { HTML.decimal($0 * 100, 0) } ?? "–"),
        bound.map { .word("bound.\($0.bound.rawValue)") } ?? .text("–"),
      ]
    }
    let columns = [
      "column.module", "column.layers", "column.ms", "column.share", "column.intensity",
      "column.speed", "column.peak", "column.bound",
    ]
    return PageTable(columns, rows, numeric: [1, 2, 3, 4, 5, 6])
  }

  private func layers(_ profile: LayerProfile) -> PageTable {
    let sorted = profile.layers.sorted { ($0.milliseconds ?? 0) > ($1.milliseconds ?? 0) }
    let rows = sorted.map { layer -> [Phrase] in
      [
        .text(layer.place), .text(layer.operators.joined(separator: " + ")), .text(layer.tactic),
        .text(layer.milliseconds.map { HTML.decimal($0, 3) } ?? "–"),
        .text(profile.share(of: layer).map { HTML.decimal($0 * 100, 1) } ?? "–"),
        .text(layer.arithmeticIntensity.map { HTML.decimal($0, 1) } ?? "–"),
        .text(layer.gigaOperationsPerSecond.map { HTML.decimal($0, 1) } ?? "–"),
        .text(layer.shareOfPeak.map { HTML.decimal($0 * 100, 0) } ?? "–"),
        layer.bound.map { .word("bound.\($0.rawValue)") } ?? .text("–"),
      ]
    }
    let columns = [
      "column.place", "column.operator", "column.tactic", "column.ms", "column.share",
      "column.intensity", "column.speed", "column.peak", "column.bound",
    ]
    return PageTable(columns, rows, numeric: [3, 4, 5, 6, 7])
  }

  private func peaks(_ profile: LayerProfile) -> [Block] {
    guard let peaks = profile.peaks else { return [.paragraph(.word("profile.nopeaks"), .dim)] }
    var rows = peaks.arithmetic.map {
      [$0.precision, "\(HTML.decimal($0.gigaOperationsPerSecond, 1)) GFLOP/s", $0.method]
    }
    let (memory, cache) = (peaks.memoryGigabytesPerSecond, peaks.cacheGigabytesPerSecond)
    rows.append(["DRAM", "\(HTML.decimal(memory, 1)) GB/s", peaks.method])
    rows.append([
      "L2", "\(HTML.decimal(cache, 1)) GB/s",
      "≤ \(HTML.decimal(Double(peaks.cacheByteCount) / 1e6, 1)) MB",
    ])
    return [
      .folded(
        .word("profile.peaks", "\(peaks.threadCount)"),
        [.table(PageTable(["column.what", "column.measured", "column.how"], texts: rows))]
      )
    ]
  }

  /// Every layer that computes, under the roofs of its machine.
  private static func roofline(_ profile: LayerProfile) -> ChartData? {
    guard let peaks = profile.peaks else { return nil }
    let placed = profile.layers.filter { $0.roofline != nil && ($0.operations ?? 0) > 0 }
    guard !placed.isEmpty, let top = peaks.gigaOperations(for: profile.precision) else {
      return nil
    }
    var chart = ChartData(.roofline, x: "axis.intensity", y: "axis.speed")
    (chart.logX, chart.logY) = (true, true)
    let ends = (0...24).map { place -> Double in
      var value = 0.05
      for _ in 0..<place { value *= 1.55 }
      return value
    }
    chart.roofs = [
      ("DRAM", peaks.memoryGigabytesPerSecond), ("L2", peaks.cacheGigabytesPerSecond),
    ].map { name, bandwidth in
      // The ridge is a point of its own, so that the corner is one.
      let places = bandwidth > 0 ? (ends + [top / bandwidth]).sorted() : ends
      return ChartData.Roof(name: name, x: places, y: places.map { min(top, $0 * bandwidth) })
    }
    chart.series = LayerBound.allCases.compactMap { bound in
      let layers = placed.filter { $0.bound == bound }
      guard !layers.isEmpty else { return nil }
      var series = ChartData.Series(
        name: bound.rawValue,
        word: "bound.\(bound.rawValue)",
        x: .finite(layers.map { $0.arithmeticIntensity ?? 0 }),
        y: .finite(layers.map { $0.gigaOperationsPerSecond ?? 0 })
      )
      series.sizes = layers.map { $0.milliseconds ?? 0 }
      series.text = layers.map { layer in
        let share = layer.shareOfPeak.map { " · \(HTML.decimal($0 * 100, 0)) %" } ?? ""
        let time = HTML.decimal(layer.milliseconds ?? 0, 3)
        return "\(layer.place) · \(layer.operators.joined(separator: " + "))<br>\(time) ms\(share)"
      }
      return series
    }
    let longest = placed.map { $0.milliseconds ?? 0 }.max() ?? 1
    chart.sizeReference = 2 * max(longest, 1e-9) / (32 * 32)
    return chart
  }
}
