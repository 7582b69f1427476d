import Backends
import Datasets
import Diagnostics
import Files
import Graphs
public import Metrics
import Models
public import Passes
public import Reports

/// Which layers lose accuracy in 8 bits, and what it costs in time to spare them.
///
/// Each convolution is put into 8 bits alone, and the detections are judged by those of the float
/// network; each is left in float alone, and the network is timed. Then plans that keep more and more
/// layers, those first that lose most for each millisecond, are built and measured as wholes: nothing
/// about a plan is predicted.
public struct SensitivityJob: Sendable {
  /// The model that was calibrated.
  public var model: String
  /// The calibration table's path.
  public var calibration: String
  /// A labelled data set, as `val` takes it; nil judges by the float network's detections only.
  public var data: String?
  /// The folder with the pictures of an annotation file; nil looks for it.
  public var pictureFolder: String?
  /// Pictures, where there is no labelled data set.
  public var images: [String] = []
  /// At most this many pictures, taken evenly from all.
  public var sampleCount = 64
  /// How ranges are chosen.
  public var method = CalibrationMethod.lp
  /// How numbers become bytes.
  public var scheme = QuantizationScheme.asymmetric
  /// Whether biases take back what the weights' rounding does on average.
  public var correctsBiases = true
  /// How much AP may be lost; nil measures every plan.
  public var budget: Double?
  /// What runs the network.
  public var backend = BackendChoice()
  /// Threads inside one timed run.
  public var timedThreads = 1
  /// Timed runs of each network.
  public var timedRuns = 8
  /// Where unfinished work is kept; nil keeps none.
  public var workFile: String?

  /// Creates a job.
  public init(model: String, calibration: String) {
    self.model = model
    self.calibration = calibration
  }

  /// Measures, and puts the result into a report.
  /// - Throws: as ``run(progress:)``.
  public func report(progress: @escaping ProgressHandler = { _ in }) async throws -> Report {
    var record = QuantizationRecord()
    record.sensitivity = try await run(progress: progress)
    return try Report.of(record, "sensitivity", model: model, backend)
  }

  /// Measures.
  /// - Throws: `quantize.no-detector`, `quantize.nothing-found`, and what reading, building and
  ///   running throw.
  public func run(
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> SensitivityRecord {
    progress(.began(stage: "load", total: nil))
    let source = try QuantizationSource(calibration, model: model)
    let graph = try QuantizeJob.network(model, source.imageSize)
    var evaluation = try GraphEvaluation(
      data: data,
      pictureFolder: pictureFolder,
      images: images,
      limit: sampleCount,
      contract: graph.contract,
      backend: backend
    )
    let convolutions = InsertQuantization.convolutions(graph)
    var pass = InsertQuantization(ranges: source.ranges(method, scheme), scheme: scheme)
    if correctsBiases { pass.means = source.means }
    try source.check(graph)
    var bench = try SensitivityBench(graph: graph, pass: pass, work: work(evaluation))
    bench.names = convolutions.map(\.name)
    bench.timing = (backend, timedThreads, timedRuns)
    progress(.finished(summary: counted(convolutions.count, "convolution")))
    progress(.began(stage: "float", total: nil))
    let found = try await evaluation.predictions(graph)
    try evaluation.setTruth(found)
    let reference = try evaluation.figures(found).ap
    progress(.finished(summary: reference.map { "AP \(rounded($0))" } ?? "no labels"))
    var record = SensitivityRecord(
      model: String(model.split(separator: "/").last ?? ""),
      dataset: evaluation.source.dataset.name,
      pictureCount: evaluation.source.dataset.pictures.count,
      method: method,
      scheme: scheme,
      threadCount: timedThreads,
      floatAveragePrecision: reference,
      budget: budget
    )
    record.layers = try await layers(convolutions, &bench, evaluation, progress)
    try await plans(&record, &bench, evaluation, progress)
    return record
  }

  private func work(_ evaluation: GraphEvaluation) throws -> WorkFile<SensitivityBench.Result> {
    let pictures = evaluation.source.dataset.pictures
    return WorkFile(
      workFile,
      key: [
        try SHA256.hex(ofFile: model), try SHA256.hex(ofFile: calibration), method.rawValue,
        scheme.rawValue, "\(correctsBiases)", backend.name, "\(backend.computesInBFloat16)",
        "\(timedThreads)",
        "\(timedRuns)", data ?? "",
      ] + pictures.map { "\($0.path) \($0.labels.count)" }
    )
  }

  private func layers(
    _ convolutions: [Node],
    _ bench: inout SensitivityBench,
    _ evaluation: GraphEvaluation,
    _ progress: ProgressHandler
  ) async throws -> [LayerSensitivity] {
    progress(.began(stage: "layers", total: convolutions.count))
    let whole = try await bench.time(keeping: [])
    let costs = convolutions.map { Double(bench.graph.cost(of: $0).multiplyAdds) }
    let all = max(1, costs.reduce(0, +))
    var layers: [LayerSensitivity] = []
    for (index, node) in convolutions.enumerated() {
      try Task.checkCancellation()
      let others = bench.names.filter { $0 != node.name }
      let alone = try await bench.accuracy(keeping: others, evaluation)
      let without = try await bench.time(keeping: [node.name])
      layers.append(
        LayerSensitivity(
          name: node.name,
          module: node.provenance.modules.first ?? node.name,
          agreement: alone.agreement,
          averagePrecision: alone.averagePrecision,
          savedMilliseconds: without - whole,
          share: costs[index] / all
        )
      )
      progress(.advanced(index + 1))
    }
    layers.sort { ($0.worth, $1.name) > ($1.worth, $0.name) }
    progress(.finished(summary: layers.first.map { "most sensitive: \($0.module)" } ?? ""))
    return layers
  }

  /// How many layers plans keep: few in small steps, many in large ones.
  private static func counts(_ layers: Int) -> [Int] {
    var counts: [Int] = []
    var next = 0
    while next < layers {
      counts.append(next)
      next += max(1, next / 2)
    }
    return counts + [layers]
  }

  private func plans(
    _ record: inout SensitivityRecord,
    _ bench: inout SensitivityBench,
    _ evaluation: GraphEvaluation,
    _ progress: ProgressHandler
  ) async throws {
    let order = record.layers.map(\.name)
    let counts = Self.counts(order.count)
    progress(.began(stage: "plans", total: counts.count))
    for (index, count) in counts.enumerated() {
      try Task.checkCancellation()
      let kept = Array(order.prefix(count))
      let found = try await bench.accuracy(keeping: kept, evaluation)
      let share = record.layers.filter { !kept.contains($0.name) }.reduce(0) { $0 + $1.share }
      let plan = PrecisionPlan(
        kept: kept,
        averagePrecision: found.averagePrecision,
        agreement: found.agreement,
        milliseconds: try await bench.time(keeping: kept),
        quantizedShare: share
      )
      record.plans.append(plan)
      progress(.advanced(index + 1))
      guard let budget, record.loss(plan) <= budget else { continue }
      // The first within the budget is the quickest; what keeps more is not looked at.
      record.chosen = index
      break
    }
    progress(.finished(summary: counted(record.plans.count, "plan")))
  }

  private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}

/// Networks of one calibration that keep different layers, each measured once.
struct SensitivityBench {
  /// What was measured of one network.
  struct Result: Codable {
    var agreement: Double?
    var averagePrecision: Double?
    var milliseconds: Double?
  }

  let graph: Graph
  let pass: InsertQuantization
  var work: WorkFile<Result>
  var names: [String] = []
  var timing: (backend: BackendChoice, threads: Int, runs: Int) = (BackendChoice(), 1, 1)

  init(graph: Graph, pass: InsertQuantization, work: WorkFile<Result>) throws {
    self.graph = graph
    self.pass = pass
    self.work = work
  }

  /// The network that keeps some convolutions in float.
  func network(keeping kept: [String]) throws -> Graph {
    var pass = pass
    pass.keptNodes = Set(kept)
    return try PassManager([pass, RemoveDeadCode()]).run(on: graph).graph
  }

  /// How right it is.
  mutating func accuracy(
    keeping kept: [String],
    _ evaluation: GraphEvaluation
  ) async throws -> (agreement: Double, averagePrecision: Double?) {
    let key = "accuracy " + kept.sorted().joined(separator: " ")
    if let known = work[key], let agreement = known.agreement {
      return (agreement, known.averagePrecision)
    }
    let found = try await evaluation.predictions(try network(keeping: kept))
    let figures = try evaluation.figures(found)
    try work.keep(Result(agreement: figures.agreement, averagePrecision: figures.ap), as: key)
    return (figures.agreement, figures.ap)
  }

  /// How long it takes, in milliseconds.
  mutating func time(keeping kept: [String]) async throws -> Double {
    let key = "time " + kept.sorted().joined(separator: " ")
    if let known = work[key]?.milliseconds { return known }
    let time = try await LayerClock.milliseconds(
      try network(keeping: kept),
      timing.backend,
      threadCount: timing.threads,
      runs: timing.runs
    )
    try work.keep(Result(milliseconds: time), as: key)
    return time
  }
}
