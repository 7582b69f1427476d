public import Backends
import Diagnostics
import Glibc
public import Metrics
import Reports

/// Measures latency, throughput and resources of one model in several configurations.
///
/// Configurations of the same batch are measured in turns (A B … B A), so that whatever drifts
/// while they run weighs on all alike, and are compared pair by pair with the first.
public struct BenchJob: Sendable {
  /// A checkpoint or an ONNX file.
  public var model: String
  /// What runs the network: each of them is measured.
  public var backends: [BackendChoice]
  /// Pictures per run: each is measured.
  public var batches = [1]
  /// Threads inside one run: each is measured; nil leaves the choice to the backend.
  public var threadCounts: [Int?] = [nil]
  /// Input height and width in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// How queries arrive.
  public var scenario = BenchmarkScenario.single
  /// Pictures per query in the scenario `multi`.
  public var streamCount = 8
  /// Mean arrivals per second in the scenario `server`; nil looks for the highest that works.
  public var rate: Double?
  /// The bound for the P99 in the scenario `server`, in milliseconds; nil takes 100, or five times
  /// what one query takes where that is more.
  public var latencyBound: Double?
  /// How long each configuration is measured, in seconds, warm-up apart.
  public var duration = 10.0
  /// Pictures, folders or globs; empty draws scenes.
  public var images: [String] = []
  /// Where random numbers begin.
  public var seed: UInt64 = 1
  /// What is done to each plan before it is measured, for experiments such as slowing one down;
  /// the number counts the configurations of one batch from 0.
  public var adaptPlan: @Sendable (_ index: Int, _ plan: any Plan) -> any Plan = { $1 }

  /// Creates a job.
  public init(model: String, backends: [BackendChoice] = [BackendChoice()]) {
    self.model = model
    self.backends = backends
  }

  /// Measures.
  /// - Throws: what reading, building and running throw; `bench.invalid-option`.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> BenchResult {
    try validate()
    progress(.began(stage: "pictures", total: nil))
    let pool = try PicturePool(images, seed: seed)
    progress(.finished(summary: pool.description))
    var report = try Report.begun(
      "bench",
      model: model,
      imageSize: imageSize,
      environment: Machine.facts(backends[0])
    )
    report.diagnostics = pool.diagnostics
    for batch in batches {
      let contenders = try await contenders(batch: batch, pool, progress)
      var group = BenchGroup(contenders, pool: pool, job: self)
      let measured = try await group.run(progress)
      let notes = contenders.flatMap(\.diagnostics) + group.notes
      for note in notes where !report.diagnostics.contains(note) {
        report.diagnostics.append(note)
      }
      report.benchmarks += measured.records
      report.verdicts += measured.verdicts
    }
    return BenchResult(report: report)
  }

  /// Every backend with every thread count, at one batch.
  private func contenders(
    batch: Int,
    _ pool: PicturePool,
    _ progress: ProgressHandler
  ) async throws -> [BenchContender] {
    var contenders: [BenchContender] = []
    for backend in backends {
      for threadCount in threadCounts {
        progress(.began(stage: "build", total: nil))
        var choice = backend
        choice.threadCount = threadCount ?? backend.threadCount
        let contender = try await BenchContender(
          model: model,
          backend: choice,
          batch: batch,
          imageSize: imageSize,
          adapt: { adaptPlan(contenders.count, $0) }
        )
        contenders.append(contender)
        progress(.finished(summary: contender.label))
      }
    }
    let labels = contenders.map(\.label)
    for (index, contender) in contenders.enumerated()
    where labels.count(where: { $0 == contender.label }) > 1 {
      contender.label += " #\(index + 1)"
    }
    return contenders
  }

  private func validate() throws {
    func require(_ holds: Bool, _ option: String, _ message: String) throws {
      guard !holds else { return }
      throw DeployError(
        .benchInvalidOption,
        message,
        at: .option(option),
        remedy: "choose another value"
      )
    }
    try require(!backends.isEmpty, "--backend", "no backend is named")
    try require(
      !batches.isEmpty && batches.allSatisfy { (1...1024).contains($0) },
      "--batch",
      "batches \(batches) must lie between 1 and 1024"
    )
    try require(!threadCounts.isEmpty, "--threads", "no thread count is named")
    try require(
      duration.isFinite && (0.1...86_400).contains(duration),
      "--duration",
      "a duration of \(duration) s is not between 0.1 and 86400"
    )
    try require(
      (1...1024).contains(streamCount),
      "--streams",
      "\(streamCount) streams are not between 1 and 1024"
    )
    try require(
      rate.map { $0.isFinite && (0.001...1e6).contains($0) } ?? true,
      "--rate",
      "a rate of \(rate ?? 0) per second is not between 0.001 and 1000000"
    )
    try require(
      latencyBound.map { $0.isFinite && $0 > 0 } ?? true,
      "--latency-bound",
      "a bound of \(latencyBound ?? 0) ms is not above 0"
    )
  }
}

extension Diagnostic.ID {
  /// An option that no benchmark can be run with.
  static let benchInvalidOption: Self = "bench.invalid-option"
  /// How sure a comparison with an earlier run is.
  static let benchHistory: Self = "bench.history"
  /// A file of fixed shape that is to be measured at another.
  static let benchFixedShape: Self = "bench.fixed-shape"
}
