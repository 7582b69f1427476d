import Detectors
import Graphs
import Metrics
import Pipelines
import Scenes

/// W5: pictures of rising width, letterboxed and stretched.
struct FitExperiment: WhyExperiment {
  static let name = "fit"
  private static let pictureCount = 40

  func run(model: String, progress: @escaping ProgressHandler) async throws -> WhyFindings {
    let bench = try NetworkBench(model: model)
    let plan = try await bench.plan()
    func detector(_ fit: Letterbox.Fit) throws -> Detector {
      var options = Detector.Options()
      options.fit = fit
      options.suppression = .evaluation
      return try Detector(plan: plan, contract: bench.contract, options: options)
    }
    let (letterboxed, stretched) = (try detector(.square), try detector(.stretch))
    let ratios = [1, 2, 3, 4]
    progress(.began(stage: "W5", total: ratios.count))
    var rows: [[Double]] = []
    for (index, ratio) in ratios.enumerated() {
      let options = SceneOptions(width: 160 * ratio, height: 160)
      let (seed, count) = (UInt64(500 + ratio), Self.pictureCount)
      let good = try NetworkBench.accuracy(letterboxed, seed: seed, count: count, options: options)
      let bad = try NetworkBench.accuracy(stretched, seed: seed, count: count, options: options)
      rows.append([Double(ratio), good, bad, (good - bad) * 100])
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(ratios.count * Self.pictureCount) pictures, both ways"))
    let gaps = rows.map { $0[3] }
    return WhyFindings(
      value: gaps[3],
      columns: ["width/height", "AP50 letterbox", "AP50 stretch", "gap (points)"],
      rows: rows,
      agrees: gaps[3] > gaps[1] && gaps[3] > gaps[0] + 5,
      figures: ["square": gaps[0], "wide": gaps[3]]
    )
  }
}

/// W6: the same pictures with borders of several greys.
struct BorderExperiment: WhyExperiment {
  static let name = "border"
  private static let pictureCount = 60

  func run(model: String, progress: @escaping ProgressHandler) async throws -> WhyFindings {
    let bench = try NetworkBench(model: model)
    let plan = try await bench.plan()
    let greys: [UInt8] = [0, 60, 114, 180, 255]
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
        count: Self.pictureCount,
        options: SceneOptions(width: 480, height: 160)
      )
      rows.append([Double(grey), found])
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(greys.count) greys on \(Self.pictureCount) pictures"))
    let trained = rows[2]
    let worst = rows.filter { $0[0] != 114 }.map { (trained[1] - $0[1]) * 100 }.max() ?? 0
    return WhyFindings(
      value: (trained[1] - rows[0][1]) * 100,
      columns: ["grey", "AP50"],
      rows: rows,
      // No grey may be better than the one of training by more than pictures differ.
      agrees: rows.allSatisfy { $0[1] <= trained[1] + 0.02 },
      figures: ["black": (trained[1] - rows[0][1]) * 100, "worst": worst]
    )
  }
}
