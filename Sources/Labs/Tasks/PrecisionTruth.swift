import Diagnostics
import Files
import Formats
import Glibc
import Images
import Metrics
import Passes
import Pipelines
import Scenes
import Synchronization

/// What was measured of one network in three precisions, once for each problem.
struct PrecisionTruth: Sendable {
  let problem: PrecisionTask.Problem
  var ap: [String: Double] = [:]
  var ap50: [String: Double] = [:]
  var bytes: [String: Int] = [:]
  /// The time of fp32 divided by its own.
  var times: [String: Interval] = [:]

  /// A 95 % interval.
  struct Interval: Sendable, Hashable {
    var lower: Double
    var upper: Double

    /// Too wide to judge by.
    var isWide: Bool { upper > 1.25 * lower }

    /// How far a figure lies outside, as a share; 0 inside.
    func distance(_ value: Double) -> Double {
      value > 0 ? max(0, lower / value - 1, value / upper - 1) : .infinity
    }
  }

  private static let known = Mutex<[PrecisionTask.Problem: PrecisionTruth]>([:])

  static func shared(
    _ problem: PrecisionTask.Problem,
    _ measure: () throws -> PrecisionTruth
  ) throws -> PrecisionTruth {
    if let found = known.withLock({ $0[problem] }) { return found }
    var found = try measure()
    // A busy moment is no reason to give up; after three of them the verdict is inconclusive.
    for _ in 0..<2 where found.times.values.contains(where: \.isWide) { found = try measure() }
    known.withLock { $0[problem] = found }
    return found
  }
}

/// The files of one network in three precisions, made once for each size.
struct PrecisionFiles: Sendable {
  private let folder: TemporaryFolder

  private struct Kind: Hashable {
    let size: Int
    let keepsHead: Bool
  }
  private static let known = Mutex<[Kind: PrecisionFiles]>([:])

  static func shared(_ model: String, _ problem: PrecisionTask.Problem) throws -> PrecisionFiles {
    let kind = Kind(size: problem.size, keepsHead: problem.keepsHead)
    if let found = known.withLock({ $0[kind] }) { return found }
    let made = try PrecisionFiles(model, kind)
    known.withLock { $0[kind] = made }
    return made
  }

  func path(_ precision: String) -> String { "\(folder.path)/\(precision).onnx" }

  private init(_ model: String, _ kind: Kind) throws {
    folder = try TemporaryFolder()
    let graph = try NetworkBench(model: model, size: kind.size).graph
    for half in [false, true] {
      let passes = PassCatalog.export.passes + (half ? [CastToHalf()] : [])
      try ONNXWriter.write(
        try PassManager(passes).run(on: graph).graph,
        to: path(half ? "fp16" : "fp32")
      )
    }
    let pictures = folder.path + "/pictures"
    try Folder.create(pictures)
    for index in 0..<8 {
      let options = SceneOptions(width: kind.size, height: kind.size)
      try Scene(seed: 2400, index: index, options: options).image
        .write(to: "\(pictures)/\(index).png")
    }
    let table = folder.path + "/table.json"
    var calibration = CalibrateJob(model: path("fp32"), sources: [pictures])
    calibration.imageSize = [kind.size, kind.size]
    var job = QuantizeJob(model: path("fp32"), calibration: table)
    job.output = path("int8")
    if kind.keepsHead { job.keptModules = ["model.24"] }
    let (observe, quantize) = (calibration, job)
    try Waiting.result {
      try await observe.run().write(to: table)
      _ = try await quantize.run()
    }
  }
}
