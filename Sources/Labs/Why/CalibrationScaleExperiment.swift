import Backends
import BackendsNative
import Detectors
import Files
import Graphs
import Images
import Metrics
import Passes
import Pipelines
import Scenes

/// Drawn pictures as files, and what a quantised network is worth on others.
struct CalibrationBench {
  let folder: TemporaryFolder
  let model: String
  /// Height and width of pictures and input, in pixels.
  let size: Int
  let pictureCount: Int

  init(model: String, size: Int = NetworkBench.size, pictureCount: Int = 12) throws {
    (self.model, self.size, self.pictureCount) = (model, size, pictureCount)
    folder = try TemporaryFolder()
    let options = SceneOptions(width: size, height: size)
    for index in 0..<pictureCount {
      try Scene(seed: 700, index: index, options: options).image.write(to: path(index))
    }
  }

  func path(_ index: Int) -> String { "\(folder.path)/\(index + 10).png" }

  /// - Parameter preprocessing: how pictures become inputs; nil as the network wants it.
  func table(_ preprocessing: ModelContract.Preprocessing? = nil) async throws -> CalibrationTable {
    var job = CalibrateJob(model: model, sources: [folder.path])
    job.imageSize = [size, size]
    job.preprocessing = preprocessing
    return try await job.run()
  }
}

/// W7: calibrated on pictures of 0 to 255 (or another white), used on pictures of 0 to 1.
struct CalibrationScaleExperiment: WhyExperiment {
  static let name = "calibration-scale"
  static let parameters = [
    WhyParameter("white", 255, in: 1...1000), WhyParameter("pictures", 40, in: 10...80, step: 10),
  ]
  static let chart = WhyChart(y: [2])

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    progress(.began(stage: "W7", total: 3))
    let bench = try CalibrationBench(model: model)
    let size = NetworkBench.size
    let graph = try QuantizeJob.network(model, [size, size])
    guard let contract = graph.contract else {
      preconditionFailure("every import states a contract")
    }
    var undivided = contract.preprocessing
    let white = settings["white"]
    undivided.scale = Float(white / 255)
    let count = settings.count("pictures")
    var rows = [[0, 0, try await accuracy(graph, contract, count), 0]]
    progress(.advanced(1))
    for (index, preprocessing) in [nil, undivided].enumerated() {
      let ranges = try await bench.table(preprocessing).ranges(.minmax, .asymmetric)
      let pass = InsertQuantization(ranges: ranges, scheme: .asymmetric)
      let bytes = try PassManager([pass]).run(on: graph).graph
      let input = ranges[graph.inputs.first.map { graph[$0].name } ?? ""]
      let scale = Double(
        QuantizationScheme.asymmetric.parameters(input ?? QuantizationRange(lower: 0, upper: 1))
          .scale
      )
      // The pixels of 0 to 1 on steps of this size.
      let steps = Set((0...255).map { (Double($0) / 255 / scale).rounded(.toNearestOrEven) })
      let found = try await accuracy(bytes, contract, count)
      rows.append([scale, Double(steps.count), found, (rows[0][2] - found) * 100])
      progress(.advanced(index + 2))
    }
    progress(.finished(summary: "\(count) pictures, three networks"))
    return WhyFindings(
      value: rows[2][3],
      columns: ["scale of the input", "steps in use", "AP50", "lost (points)"],
      rows: rows,
      agrees: rows[2][3] > rows[1][3] + 20 && abs(rows[2][0] / rows[1][0] / white - 1) < 0.05,
      figures: [
        "times": rows[2][0] / rows[1][0], "steps": rows[2][1], "right": rows[1][3],
        "wrong": rows[2][3],
      ],
      labels: [
        "float32", "8 bits, calibrated on 0…1",
        "8 bits, calibrated on 0…\(WhySettings.text(white))",
      ]
    )
  }

  private func accuracy(
    _ graph: Graph,
    _ contract: ModelContract,
    _ count: Int
  ) async throws -> Double {
    let plan = try await NativeBackend().build(graph, configuration: BuildConfiguration()).plan
    var options = Detector.Options()
    options.fit = .square
    options.suppression = .evaluation
    return try NetworkBench.accuracy(
      try Detector(plan: plan, contract: contract, options: options),
      seed: 710,
      count: count,
      options: SceneOptions(width: 320, height: 320)
    )
  }
}
