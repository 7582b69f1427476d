import Metrics

extension LayerProfile {
  /// The profile as text: the slowest layers, then the slowest modules.
  /// - Parameter rows: the most rows of either table; nil shows all.
  func text(rows limit: Int?) -> String {
    let sections = [heading, layerTable(limit), moduleTable(limit), legend]
    return sections.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var heading: String {
    var words = [backend, version].filter { !$0.isEmpty }
    if !inputShape.isEmpty { words.append(inputShape.map(String.init).joined(separator: "×")) }
    if !precision.isEmpty { words.append(precision) }
    if let threadCount { words.append(threadCount == 1 ? "1 thread" : "\(threadCount) threads") }
    if runCount > 0 { words.append("median of \(runCount) runs") }
    var text = "\(Style.bold(model))  \(words.joined(separator: " · "))"
    if let totalMilliseconds {
      text += "\nwhole run \(decimal(totalMilliseconds, 2)) ms"
      text += ", layers \(decimal(layerMilliseconds, 2)) ms"
      if let between = betweenLayersMilliseconds {
        text += ", between layers \(decimal(between, 2)) ms"
      }
      if let unobservedMilliseconds {
        text += "; unobserved \(decimal(unobservedMilliseconds, 2)) ms"
      }
    }
    return text
  }

  private func layerTable(_ limit: Int?) -> String {
    var table = Table(
      ["ms", "share", "", "GFLOP/s", "op/byte", "of peak", "bound", "layer", "what runs"],
      numeric: [0, 1, 3, 4, 5]
    )
    let sorted = layers.sorted { ($0.milliseconds ?? 0) > ($1.milliseconds ?? 0) }
    let longest = sorted.first?.milliseconds ?? 0
    for layer in sorted.prefix(limit ?? sorted.count) {
      table.add([
        figure(layer.milliseconds, 3), percent(share(of: layer)),
        bar(layer.milliseconds, of: longest), figure(layer.gigaOperationsPerSecond, 1),
        figure(layer.arithmeticIntensity, 1), percent(layer.shareOfPeak),
        layer.bound?.rawValue ?? "–", shortened(layer.place),
        shortened(
          ([layer.operators.joined(separator: "+")] + [layer.tactic]).filter { !$0.isEmpty }
            .joined(separator: " · ")
        ),
      ])
    }
    let rest = sorted.dropFirst(limit ?? sorted.count)
    if !rest.isEmpty {
      let time = rest.reduce(0) { $0 + ($1.milliseconds ?? 0) }
      table.add([figure(time, 3), "", "", "", "", "", "", "\(rest.count) more layers"])
    }
    if let between = betweenLayersMilliseconds, between > 0 {
      let whole = totalMilliseconds ?? 0
      table.add([
        figure(between, 3), percent(whole > 0 ? between / whole : nil), bar(between, of: longest),
        "", "", "", "", "between layers",
      ])
    }
    return table.text
  }

  private func moduleTable(_ limit: Int?) -> String {
    let modules = modules().filter { !$0.module.isEmpty }
    guard !modules.isEmpty else { return "" }
    var table = Table(
      ["ms", "share", "", "GFLOP", "MB", "layers", "module"],
      numeric: [0, 1, 3, 4, 5]
    )
    let whole = max(totalMilliseconds ?? 0, layerMilliseconds)
    let longest = modules.first?.milliseconds ?? 0
    for module in modules.prefix(limit ?? modules.count) {
      table.add([
        figure(module.milliseconds, 2), percent(whole > 0 ? module.milliseconds / whole : nil),
        bar(module.milliseconds, of: longest), figure(module.operations / 1e9, 2),
        figure(module.bytes / 1e6, 1), "\(module.layerCount)", module.module,
      ])
    }
    return table.text
  }

  private var legend: String {
    guard let peaks else { return "" }
    return Style.dim(
      "peaks of \(peaks.processor): \(peaks.words)\n"
        + "bound: overhead below \(Int(LayerBound.overheadShare * 100)) % of what is attainable, else "
        + "compute or memory by the longer of the two times at the peaks"
    )
  }

  private func figure(_ value: Double?, _ places: Int) -> String {
    value.map { decimal($0, places) } ?? "–"
  }

  private func percent(_ share: Double?) -> String {
    share.map { "\(decimal($0 * 100, 1)) %" } ?? "–"
  }

  private func bar(_ value: Double?, of longest: Double) -> String {
    guard let value, longest > 0 else { return "" }
    let eighths = Int((value / longest * 80).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }

  private func shortened(_ text: String) -> String {
    text.count <= 48 ? text : text.prefix(47) + "…"
  }
}
