import Diagnostics
import Metrics
import Pipelines
import Reports

extension BenchResult {
  /// A table of the configurations, what they used, and what follows from comparing them.
  var text: String {
    let records = report.benchmarks
    guard let first = records.first else { return "nothing was measured" }
    let shape = first.inputShape.map(String.init).joined(separator: "×")
    var lines = [
      "\(Style.bold(report.subject.file))  \(shape), \(first.precision), scenario "
        + "\(first.scenario.rawValue), \(first.inputs)",
      latencies(records), "",
    ]
    // Two programs that were asked by turns told none.
    if records.contains(where: { $0.resources != nil || $0.coldStart != nil }) {
      lines += [resources(records), ""]
    }
    lines += records.compactMap { record in
      record.queries.map { "\(record.label): \($0.words)" }
    }
    for record in records {
      guard let load = record.server else { continue }
      lines.append(
        "\(record.label): \(decimal(load.offeredRate, 2)) queries/s \(load.isFound ? "found" : "asked for"), "
          + "\(decimal(load.servedRate, 2)) served, P99 "
          + (load.isMet ? "within" : Style.red("beyond")) + " \(decimal(load.latencyBound, 0)) ms"
      )
    }
    lines += notes(records)
    for verdict in report.verdicts where verdict.design == .interleaved {
      lines.append("\(pad(verdict.quantity + ":", 12)) \(Style.bold(verdict.words))")
      lines.append("             " + Style.dim(verdict.detail))
    }
    lines += history.map(\.text)
    if let runID { lines.append(Style.dim("kept as run \(runID): `vitrine runs show \(runID)`")) }
    return lines.joined(separator: "\n")
  }

  private func latencies(_ records: [BenchmarkRecord]) -> String {
    var table = Table(
      ["configuration", "what", "P50 ms", "P90", "P99", "runs", "images/s"],
      numeric: [2, 3, 4, 5, 6]
    )
    for record in records {
      add(&table, record.label, "engine", record.engine, record.engineThroughput)
      add(&table, "", "end to end", record.endToEnd, record.endToEndThroughput)
    }
    return table.text
  }

  private func add(
    _ table: inout Table,
    _ label: String,
    _ what: String,
    _ series: LatencySeries?,
    _ throughput: Double?
  ) {
    guard let summary = series?.summary else { return }
    func cell(_ value: Double) -> String { decimal(value, value < 1 ? 3 : 2) }
    table.add([
      label, what, cell(summary.p50), cell(summary.p90), cell(summary.p99),
      "\(summary.runCount)", throughput.map { decimal($0, 1) } ?? "",
    ])
  }

  private func resources(_ records: [BenchmarkRecord]) -> String {
    var table = Table(
      ["configuration", "build ms", "first run", "CPU ms/image", "CPUs busy", "peak memory"],
      numeric: [1, 2, 3, 4, 5]
    )
    for record in records {
      let use = record.resources
      table.add([
        record.label,
        record.coldStart.map { decimal($0.buildMilliseconds, 0) } ?? "",
        record.coldStart.map { decimal($0.firstRunMilliseconds, 1) } ?? "",
        use.map { decimal($0.processorSecondsPerImage * 1000, 1) } ?? "",
        use.map { decimal($0.processorLoad, 2) } ?? "",
        use.map { bytes(Int($0.peakResidentBytes)) + ($0.isPeakOwn ? "" : " (all)") } ?? "",
      ])
    }
    return table.text
  }

  /// Parts, GPU and warnings.
  private func notes(_ records: [BenchmarkRecord]) -> [String] {
    var lines: [String] = []
    for record in records {
      guard let absence = record.endToEndAbsence else { continue }
      lines.append("\(record.label): end to end absent: \(absence)")
    }
    for record in records where !record.parts.isEmpty {
      let parts = record.parts.map { "\($0.name) \(decimal($0.milliseconds, 2))" }
      lines.append(
        Style.dim("\(record.label): end to end in ms: \(parts.joined(separator: " + "))")
      )
    }
    if let gpu = records.first?.resources?.gpu {
      let figures = [
        gpu.utilization.map { "\(decimal($0, 0)) % busy" },
        gpu.peakMemoryBytes.map { bytes(Int($0)) + " in use" },
        gpu.clockMegahertz.map { "\(decimal($0, 0)) MHz" },
        gpu.powerWatts.map { "\(decimal($0, 0)) W" }, gpu.temperature.map { "\(Int($0)) °C" },
      ]
      lines.append("GPU \(gpu.name): " + figures.compactMap(\.self).joined(separator: ", "))
    }
    var seen: Set<String> = []
    for warning in records.flatMap(\.warnings) where seen.insert(warning).inserted {
      lines.append(Style.yellow("doubtful: \(warning)"))
    }
    return lines + report.diagnostics.filter { $0.id != "bench.history" }.map(\.description)
  }
}
