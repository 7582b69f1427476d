import Files
import Metrics
import Pipelines

/// W3: more and more convolutions kept in float, the most sensitive first: accuracy against time.
struct PrecisionBalanceExperiment: WhyExperiment {
  static let name = "precision-balance"
  static let parameters = [
    WhyParameter("pictures", 16, in: 8...32, step: 4), WhyParameter("calibration", 12, in: 2...24),
  ]
  static let chart = WhyChart(x: 0, y: [1, 2])

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let bench = try CalibrationBench(
      model: model,
      size: 224,
      pictureCount: settings.count("calibration")
    )
    progress(.began(stage: "calibrate", total: nil))
    let table = bench.folder.path + "/table.json"
    try await bench.table().write(to: table)
    progress(.finished(summary: "\(bench.pictureCount) pictures"))
    var job = SensitivityJob(model: model, calibration: table)
    job.data = "synth:seed=720,count=\(settings.count("pictures")),size=224"
    job.timedRuns = 3
    job.correctsBiases = false
    job.method = .minmax
    let record = try await job.run { event in
      // The stages of a job are its own affair; what learners see is that it moves.
      if case .finished = event { return }
      progress(event)
    }
    let plans = record.plans
    let (worst, best) = (plans[0].agreement, plans.map(\.agreement).max() ?? 1)
    let wanted = worst + 0.5 * (best - worst)
    let knee = plans.firstIndex { $0.agreement >= wanted } ?? plans.count - 1
    let (bytes, float) = (plans[0].milliseconds, plans[plans.count - 1].milliseconds)
    progress(.finished(summary: "\(record.layers.count) layers, \(plans.count) plans"))
    return WhyFindings(
      value: Double(plans[knee].kept.count),
      columns: ["kept in float", "agreement with float (AP)", "AP by the labels", "ms per run"],
      rows: plans.map {
        [Double($0.kept.count), $0.agreement, $0.averagePrecision ?? 0, $0.milliseconds]
      },
      agrees: best > worst + 0.002 && plans[knee].kept.count * 2 < record.layers.count,
      figures: [
        "layers": Double(record.layers.count), "kept": Double(plans[knee].kept.count),
        "lost": (best - worst) * 100, "regained": (plans[knee].agreement - worst) * 100,
        "bytes": bytes, "float": float, "time": plans[knee].milliseconds,
      ]
    )
  }
}
