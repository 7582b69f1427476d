import Backends
import Detectors
import Diagnostics
import Glibc
import Graphs
import Metrics
import Pipelines
import Scenes
import Tensors

/// W10: noise of one cosine on the boxes, on the objectness, on the classes.
struct OutputNoiseExperiment: WhyExperiment {
  static let name = "output-noise"
  static let parameters = [
    WhyParameter("cosine", 0.99, in: 0.9...0.995, step: 0.005),
    WhyParameter("pictures", 16, in: 4...40, step: 4),
  ]
  static let chart = WhyChart(x: 0, y: [1, 2, 3])

  /// The columns of a part of the output, [rows, 5 + classes].
  enum Part: String, CaseIterable {
    case boxes, objectness, classes

    func columns(_ count: Int) -> Range<Int> {
      switch self {
      case .boxes: 0..<4
      case .objectness: 4..<5
      case .classes: 5..<count
      }
    }
  }

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let bench = try NetworkBench(model: model)
    let plan = try await bench.plan()
    func accuracy(_ part: Part, _ cosine: Double) throws -> Double {
      var options = Detector.Options()
      options.fit = .square
      options.suppression = .evaluation
      let noisy = NoisyPlan(base: plan, part: part, cosine: cosine)
      return try NetworkBench.accuracy(
        try Detector(plan: noisy, contract: bench.contract, options: options),
        seed: 1000,
        count: settings.count("pictures"),
        options: SceneOptions(width: 320, height: 320)
      )
    }
    let cosines = [0.9999, 0.999, settings["cosine"]]
    progress(.began(stage: "W10", total: cosines.count))
    let clean = try accuracy(.boxes, 1)
    var rows: [[Double]] = []
    for (index, cosine) in cosines.enumerated() {
      let lost = try Part.allCases.map { (clean - (try accuracy($0, cosine))) * 100 }
      rows.append([cosine] + lost)
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(settings.count("pictures")) pictures, AP50 \(clean)"))
    let last = rows[cosines.count - 1]
    return WhyFindings(
      value: last[1],
      columns: [
        "cosine", "lost by boxes (points)", "lost by objectness (points)",
        "lost by classes (points)",
      ],
      rows: rows,
      agrees: last[1] > last[2] + 5 && last[1] > last[3] + 5,
      figures: [
        "clean": clean * 100, "boxes": last[1], "objectness": last[2], "classes": last[3],
      ]
    )
  }
}

/// A plan whose output is disturbed in one part: each number by noise as large as gives that part the cosine
/// with what it was.
///
///     cos(v, v + n) = 1 / √(1 + |n|² / |v|²)   for noise n that is at right angles to v, as independent noise nearly is
private struct NoisyPlan: Plan {
  let base: any Plan
  let part: OutputNoiseExperiment.Part
  let cosine: Double

  var info: PlanInfo { base.info }

  func makeSession() throws -> sending any Session {
    NoisySession(try base.makeSession(), part, cosine)
  }
}

private final class NoisySession: Session {
  private let base: any Session
  private let part: OutputNoiseExperiment.Part
  private let share: Double
  private var random = SplitMix(seed: 10)

  init(_ base: any Session, _ part: OutputNoiseExperiment.Part, _ cosine: Double) {
    (self.base, self.part) = (base, part)
    share = (1 / (cosine * cosine) - 1).squareRoot()
  }

  var outputNames: [String] { base.outputNames }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    try base.input(name, shape: shape)
  }

  func output(_ name: String) throws -> TensorBuffer { try base.output(name) }

  func run(observer: (any SessionObserver)?) throws {
    try base.run(observer: observer)
    let output = try base.output(base.outputNames[0])
    let count = output.shape[output.shape.rank - 1]
    let columns = part.columns(count)
    try output.withScalars(of: Float.self) { values in
      let places = (0..<values.count / count).flatMap { row in columns.map { row * count + $0 } }
      let power = places.reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }
      // Even noise from -a to a has the variance a² / 3.
      let size = share * (3 * power / Double(max(1, places.count))).squareRoot()
      for place in places {
        values[place] += Float(size * (2 * random.fraction() - 1))
      }
    }
  }
}
