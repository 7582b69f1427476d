import Metrics

extension FrameworkComparison {
  /// The comparison as text.
  var text: String {
    let shape = inputShape.map(String.init).joined(separator: "×")
    let threads = threadCount == 1 ? "1 thread" : "\(threadCount) threads"
    let heading = "\(Style.bold(model))  \(shape) · \(precision) · \(threads) · \(inputs)"
    var parts = [heading]
    if isFair { parts.append(table) }
    if !comparisons.isEmpty {
      parts.append(
        comparisons.map { "\($0.engine) against \($0.baseline): \(Style.bold($0.verdict))" }
          .joined(separator: "\n")
      )
    }
    let absent = engines.filter { $0.absence != nil }.map { column in
      "–  \(column.title): \(column.absence ?? "")"
        + (column.remedy.map { " (try: \($0))" } ?? "")
    }
    if !absent.isEmpty { parts.append(absent.joined(separator: "\n")) }
    parts.append(
      fairness.map { check in
        let mark = check.passes ? Style.green("✓") : Style.red("✗")
        return "\(mark) same \(check.name): \(check.verdict)"
      }.joined(separator: "\n")
    )
    parts.append(Style.dim(method))
    return parts.joined(separator: "\n\n")
  }

  private var table: String {
    var table = Table(
      [
        "engine", "version", "P50 ms", "P90", "P99", "images/s", "peak memory", "cores busy",
        "cold start", "runs", "asking",
      ],
      numeric: [2, 3, 4, 5, 6, 7, 8, 9, 10]
    )
    for column in engines {
      guard let latency = column.latency else { continue }
      table.add([
        column.title, column.version, decimal(latency.p50, 2), decimal(latency.p90, 2),
        decimal(latency.p99, 2), column.throughput.map { decimal($0, 1) } ?? "–",
        column.peakMemory.map { bytes(Int($0)) } ?? "–",
        column.processorLoad.map { decimal($0, 2) } ?? "–",
        column.coldStartMilliseconds.map { "\(decimal($0 / 1000, 2)) s" } ?? "–",
        "\(latency.runCount)",
        column.transportMilliseconds.map { "\(decimal($0, 3)) ms" } ?? "–",
      ])
    }
    return table.text
  }
}
