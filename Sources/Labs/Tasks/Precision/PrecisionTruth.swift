import Diagnostics
import Files
import Formats
import Glibc
import Images
import Metrics
import Passes
import Pipelines
import Reports
import Scenes
import Synchronization

/// What was measured of one network in three precisions.
struct PrecisionTruth: Sendable {
  /// What does not change from one measurement to the next.
  struct Facts: Sendable {
    var ap: [String: Double] = [:]
    var ap50: [String: Double] = [:]
    var apBySize: [String: [String: Double]] = [:]
    var bytes: [String: Int] = [:]
  }
  var facts = Facts()
  /// The time of fp32 divided by its own: what all measurements together allow.
  var times: [String: Interval] = [:]

  var ap: [String: Double] { facts.ap }
  var ap50: [String: Double] { facts.ap50 }
  var apBySize: [String: [String: Double]] { facts.apBySize }
  var bytes: [String: Int] { facts.bytes }

  /// A 95 % interval, or one that holds several of them.
  struct Interval: Sendable, Hashable {
    var lower: Double
    var upper: Double

    /// Too wide to judge by.
    var isWide: Bool { upper > 1.35 * lower }

    /// How far a figure lies outside, as a share; 0 inside.
    func distance(_ value: Double) -> Double {
      value > 0 ? max(0, lower / value - 1, value / upper - 1) : .infinity
    }

    func joined(_ other: Interval) -> Interval {
      Interval(lower: min(lower, other.lower), upper: max(upper, other.upper))
    }
  }

  private struct Entry: Sendable {
    var facts: Facts?
    var windows: [[String: Interval]] = []
  }
  private static let known = Mutex<[PrecisionTask.Problem: Entry]>([:])

  /// Forgets what was measured of speed before, and measures once.
  static func begin(
    _ problem: PrecisionTask.Problem,
    window: () throws -> [String: Interval]
  ) throws {
    let first = try window()
    known.withLock { $0[problem, default: Entry()].windows = [first] }
  }

  /// All there is to know: facts once, speed by a second measurement after the first.
  static func shared(
    _ problem: PrecisionTask.Problem,
    window: () throws -> [String: Interval],
    facts: () throws -> Facts
  ) throws -> PrecisionTruth {
    var entry = known.withLock { $0[problem] } ?? Entry()
    if entry.facts == nil { entry.facts = try facts() }
    while entry.windows.count < 2, !problem.isBySize { entry.windows.append(try window()) }
    let found = entry
    known.withLock { $0[problem] = found }
    var truth = PrecisionTruth(facts: entry.facts ?? Facts())
    for window in entry.windows {
      truth.times.merge(window) { $0.joined($1) }
    }
    return truth
  }
}

extension PrecisionTruth.Interval {
  /// Of a row of the comparison; too few rounds say nothing, and that is no interval.
  init(_ row: PrecisionMeasurement) {
    let (lower, upper) = (row.verdict?.lower ?? 1, row.verdict?.upper ?? 1)
    self = upper <= 0 ? Self(lower: 0, upper: 1) : Self(lower: 1 / upper, upper: 1 / lower)
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
    try shared(model, size: problem.size, keepsHead: problem.keepsHead)
  }

  static func shared(_ model: String, size: Int, keepsHead: Bool) throws -> PrecisionFiles {
    let kind = Kind(size: size, keepsHead: keepsHead)
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
