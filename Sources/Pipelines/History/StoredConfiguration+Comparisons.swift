import Histories
import Metrics
import Reports

/// What the commands other than `bench` measured, as it is kept.
extension StoredConfiguration {
  /// Every configuration of a report, in the order of its sections.
  static func all(of report: Report, modelHash: String, machine: String) -> [StoredConfiguration] {
    let context = Context(modelHash: modelHash, machine: machine)
    var all = report.benchmarks.map {
      StoredConfiguration($0, modelHash: modelHash, machine: machine)
    }
    // In a comparison of precisions the rows have what accuracy there is to keep.
    if report.precision == nil {
      all += report.accuracy.map { StoredConfiguration($0, modelHash: modelHash) }
    }
    all += report.profiles.map { StoredConfiguration($0, context) }
    if let frameworks = report.frameworks { all += frameworks.stored(context) }
    if let precision = report.precision { all += precision.stored(context) }
    if let attribution = report.attribution {
      all.append(StoredConfiguration(attribution, context))
    }
    return all
  }

  /// What every key of a run begins and ends with.
  struct Context {
    let modelHash: String
    let machine: String

    func key(_ parts: [String]) -> String {
      ([modelHash] + parts + [machine]).joined(separator: " | ")
    }
  }

  private init(_ profile: LayerProfile, _ context: Context) {
    var figures: [String: Double] = [:]
    figures["run ms"] = profile.totalMilliseconds
    figures["layers ms"] = profile.layerMilliseconds
    figures["between layers ms"] = profile.betweenLayersMilliseconds
    figures["layers"] = Double(profile.layers.count)
    let threads = profile.threadCount.map { "\($0) threads" } ?? "threads chosen"
    let shape = profile.inputShape.shapeText
    self.init(
      key: context.key([profile.backend, "profile", threads, profile.precision, shape]),
      label: "\(profile.backend) · profile · \(shape)",
      figures: figures
    )
  }

  private init(_ attribution: Attribution, _ context: Context) {
    var figures = [
      "everything off ms": attribution.start.value, "everything on ms": attribution.end.value,
      "speed-up": attribution.speedup.value,
    ]
    for bar in attribution.bars { figures["change ms: \(bar.name)"] = bar.change.value }
    let (threads, shape) = ("\(attribution.threadCount) threads", attribution.inputShape.shapeText)
    self.init(
      key: context.key([attribution.backend, "why", threads, shape]),
      label: "\(attribution.backend) · why · \(shape)",
      figures: figures
    )
  }

  /// Takes what a latency says into `figures`.
  fileprivate static func keep(
    _ latency: LatencySummary?,
    _ throughput: Double?,
    _ figures: inout [String: Double]
  ) {
    figures["engine P50 ms"] = latency?.p50
    figures["engine P90 ms"] = latency?.p90
    figures["engine P99 ms"] = latency?.p99
    figures["engine images/s"] = throughput
  }
}

extension FrameworkComparison {
  /// One for each engine that was there.
  fileprivate func stored(_ context: StoredConfiguration.Context) -> [StoredConfiguration] {
    engines.filter { $0.absence == nil }.map { engine in
      var figures: [String: Double] = [:]
      StoredConfiguration.keep(engine.latency, engine.throughput, &figures)
      figures["peak bytes"] = engine.peakMemory.map(Double.init)
      figures["cores busy"] = engine.processorLoad
      figures["cold start ms"] = engine.coldStartMilliseconds
      let parts = ["\(threadCount) threads", precision, inputShape.shapeText]
      return StoredConfiguration(
        key: context.key([engine.engine, "frameworks"] + parts),
        label: "\(engine.engine) · frameworks · \(threadCount) threads",
        figures: figures
      )
    }
  }
}

extension PrecisionComparison {
  /// One for each precision that was there.
  fileprivate func stored(_ context: StoredConfiguration.Context) -> [StoredConfiguration] {
    rows.filter { $0.absence == nil }.map { row in
      var figures: [String: Double] = [:]
      StoredConfiguration.keep(row.latency, row.throughput, &figures)
      figures["boxes COCO AP"] = row.averagePrecision
      figures["boxes COCO AP50"] = row.averagePrecision50
      figures["file bytes"] = row.byteCount.map(Double.init)
      let data = "\(dataset), \(pictureCount) pictures"
      let parts = [row.precision, "\(threadCount) threads", data, inputShape.shapeText]
      return StoredConfiguration(
        key: context.key([backend, "precision"] + parts),
        label: "\(backend) · \(row.precision) · \(dataset)",
        figures: figures
      )
    }
  }
}

extension [Int] {
  /// `1×3×640×640`.
  fileprivate var shapeText: String { map(String.init).joined(separator: "×") }
}
