import Detectors
import Graphs
import Metrics
import Pipelines
import Scenes

/// W5: pictures of rising width, letterboxed and stretched.
struct FitExperiment: WhyExperiment {
  static let name = "fit"
  static let parameters = [
    WhyParameter("ratio", 4, in: 2...6), WhyParameter("pictures", 40, in: 10...80, step: 10),
  ]
  static let chart = WhyChart(x: 0, y: [1, 2])

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let bench = try NetworkBench(model: model)
    let plan = try await bench.plan()
    func detector(_ fit: Letterbox.Fit) throws -> Detector {
      var options = Detector.Options()
      options.fit = fit
      options.suppression = .evaluation
      return try Detector(plan: plan, contract: bench.contract, options: options)
    }
    let (letterboxed, stretched) = (try detector(.square), try detector(.stretch))
    let ratios = Array(1...settings.count("ratio"))
    let count = settings.count("pictures")
    progress(.began(stage: "W5", total: ratios.count))
    var rows: [[Double]] = []
    for (index, ratio) in ratios.enumerated() {
      let options = SceneOptions(width: 160 * ratio, height: 160)
      let seed = UInt64(500 + ratio)
      let good = try NetworkBench.accuracy(letterboxed, seed: seed, count: count, options: options)
      let bad = try NetworkBench.accuracy(stretched, seed: seed, count: count, options: options)
      rows.append([Double(ratio), good, bad, (good - bad) * 100])
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(ratios.count * count) pictures, both ways"))
    let gaps = rows.map { $0[3] }
    return WhyFindings(
      value: gaps[gaps.count - 1],
      columns: ["width/height", "AP50 letterbox", "AP50 stretch", "gap (points)"],
      rows: rows,
      agrees: gaps[gaps.count - 1] >= gaps[1] && gaps[gaps.count - 1] > gaps[0] + 5,
      figures: ["square": gaps[0], "wide": gaps[gaps.count - 1]]
    )
  }
}

/// W6: the same pictures with borders of several greys.
struct BorderExperiment: WhyExperiment {
  static let name = "border"
  static let parameters = [
    WhyParameter("grey", 0, in: 0...255), WhyParameter("width", 3, in: 1...6),
    WhyParameter("pictures", 60, in: 10...120, step: 10),
  ]
  static let chart = WhyChart(x: 0, y: [1])

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let bench = try NetworkBench(model: model)
    let plan = try await bench.plan()
    let (asked, count) = (UInt8(settings.count("grey")), settings.count("pictures"))
    let greys = Set([0, 60, 114, 180, 255, asked]).sorted()
    progress(.began(stage: "W6", total: greys.count))
    var rows: [[Double]] = []
    for (index, grey) in greys.enumerated() {
      var contract = bench.contract
      contract.preprocessing.padValue = grey
      var options = Detector.Options()
      options.fit = .square
      options.suppression = .evaluation
      let detector = try Detector(plan: plan, contract: contract, options: options)
      let found = try NetworkBench.accuracy(
        detector,
        seed: 600,
        count: count,
        options: SceneOptions(width: 160 * settings.count("width"), height: 160)
      )
      rows.append([Double(grey), found])
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(greys.count) greys on \(count) pictures"))
    func accuracy(of grey: UInt8) -> Double { rows.first { $0[0] == Double(grey) }?[1] ?? 0 }
    let trained = accuracy(of: 114)
    let lost = (trained - accuracy(of: asked)) * 100
    let worst = rows.filter { $0[0] != 114 }.map { (trained - $0[1]) * 100 }.max() ?? 0
    return WhyFindings(
      value: lost,
      columns: ["grey", "AP50"],
      rows: rows,
      // No grey may be better than the one of training by more than pictures differ.
      agrees: rows.allSatisfy { $0[1] <= trained + 0.02 },
      figures: ["black": lost, "worst": worst]
    )
  }
}
