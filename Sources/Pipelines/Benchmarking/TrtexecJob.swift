import Backends
import BackendsTensorRT
import Diagnostics
import Files
import Formats
import Glibc
import Metrics
import Reports
import Tensors

/// A TensorRT plan, run by this program and by NVIDIA's trtexec in turns (A B B A).
///
/// Two quantities are compared, each by its medians. *Engine* is one run with its copies: here by the
/// clock of the host, synchronisation included; trtexec adds up the times of the copies and of the
/// computation by CUDA events. *Compute* is the computation alone, by CUDA events in both.
public struct TrtexecJob: Sendable {
  /// A plan file of the backend `tensorrt` or `tensorrt-rtx`.
  public var plan: String
  /// trtexec: its path, or a name that is looked for in ``searchPath`` and where TensorRT installs it.
  public var program: String
  /// Folders of programs, separated by colons, as `PATH` has them.
  public var searchPath = ""
  /// How the plan is run here.
  public var backend: BackendChoice
  /// Pictures per run, where the plan leaves it open.
  public var batch = 1
  /// Input height and width in pixels, where the plan leaves them open.
  public var imageSize: [Int]?
  /// Pictures, folders or globs; empty draws scenes.
  public var images: [String] = []
  /// How long each of both is measured at least, in seconds.
  public var duration = 10.0
  /// Where random numbers begin.
  public var seed: UInt64 = 1

  /// Differences up to this share are not called one.
  static let smallestDifference = 0.02
  /// One leg, in seconds, and trtexec's warm-up before it, in milliseconds.
  private static let (legSeconds, warmUp) = (1, 200)

  /// Creates a job.
  public init(plan: String, program: String, backend: BackendChoice) {
    self.plan = plan
    self.program = program
    self.backend = backend
  }

  /// The medians of one leg, in milliseconds, and the single times.
  private struct Leg {
    var engine: [Double] = []
    var compute: [Double] = []
  }

  /// Measures.
  /// - Throws: `bench.no-trtexec`, `bench.trtexec-failed`, `tensorrt.malformed`, and what loading and
  ///   running the plan throws.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> BenchResult {
    guard try PlanInspection.isPlan(plan) else {
      throw DeployError(
        .benchTrtexecFailed,
        "is no plan: trtexec is given the same engine",
        at: .file(path: plan),
        remedy: "build one first: `vitrine build MODEL --backend tensorrt`"
      )
    }
    let path = try find()
    let pool = try PicturePool(images, seed: seed)
    var report = try Report.begun(
      "bench",
      model: plan,
      imageSize: imageSize,
      environment: Machine.facts(backend)
    )
    report.diagnostics = pool.diagnostics
    progress(.began(stage: "load", total: nil))
    let contender = try await BenchContender(
      model: plan,
      backend: backend,
      batch: batch,
      imageSize: imageSize
    )
    contender.label = "vitrine"
    let feed = BenchFeed(try pool.tensors(for: contender, seed: seed), into: contender.input)
    for _ in 0..<5 { try contender.session.run(observer: nil) }
    let folder = try TemporaryFolder()
    let engine = folder.path + "/engine"
    try BareEngine.extract(from: plan, to: engine)
    progress(.finished(summary: "\(contender.backend) \(contender.backendVersion) and \(path)"))
    let measured = try measure(contender, feed, path, folder, progress)
    let names = ["trtexec" + (measured.release.map { " \($0)" } ?? ""), "vitrine"]
    let quantities: [(String, KeyPath<Leg, [Double]>)] = [
      ("engine", \.engine), ("compute", \.compute),
    ]
    for (quantity, times) in quantities {
      let legs = measured.legs.map { legs in legs.map { Self.median($0[keyPath: times]) } }
      report.verdicts.append(
        Verdict(
          baseline: names[0],
          candidate: names[1],
          quantity: quantity,
          blocks: InterleavedRounds.blocks(Self.rounds(legs[0]), Self.rounds(legs[1])),
          runCount: measured.legs.joined().reduce(0) { $0 + $1[keyPath: times].count },
          smallestDifference: Self.smallestDifference,
          bootstrap: BlockBootstrap(seed: seed)
        )
      )
    }
    report.benchmarks = zip(names, measured.legs).map { name, legs in
      record(name, contender, legs.flatMap(\.engine), pool.description)
    }
    if let release = measured.release, release != contender.backendVersion {
      report.diagnostics.append(
        Diagnostic(
          .warning,
          .benchOtherRelease,
          "trtexec is of TensorRT \(release), the library used here is \(contender.backendVersion)",
          remedy: "give the trtexec that came with the library"
        )
      )
    }
    return BenchResult(report: report)
  }

  // MARK: Measuring

  private func measure(
    _ contender: BenchContender,
    _ feed: BenchFeed,
    _ path: String,
    _ folder: TemporaryFolder,
    _ progress: @escaping ProgressHandler
  ) throws -> (legs: [[Leg]], release: String?) {
    var legs: [[Leg]] = [[], []]
    var release: String?
    progress(.began(stage: "engine", total: 1000))
    let rounds = InterleavedRounds(count: 2, seconds: duration * 2)
    _ = try rounds.run(progress: { progress(.advanced(Int($0 * 1000))) }) { index in
      try Task.checkCancellation()
      if index == 1 {
        legs[1].append(try ownLeg(contender, feed))
      } else {
        let (leg, stated) = try otherLeg(contender, path, folder)
        legs[0].append(leg)
        release = stated
      }
      return Self.median(legs[index].last?.engine ?? [])
    }
    progress(.finished(summary: counted(legs[0].count / 2, "round")))
    return (legs, release)
  }

  private func ownLeg(_ contender: BenchContender, _ feed: BenchFeed) throws -> Leg {
    let (clock, session, listener) = (ContinuousClock(), contender.session, ComputeListener())
    var leg = Leg()
    let start = clock.now
    let half = Duration.seconds(Self.legSeconds) / 2
    while clock.now - start < half || leg.engine.isEmpty {
      feed.next()
      let moment = clock.now
      try session.run(observer: nil)
      leg.engine.append((clock.now - moment) / .milliseconds(1))
    }
    while clock.now - start < half * 2 || listener.times.isEmpty {
      feed.next()
      try session.run(observer: listener)
      guard !listener.times.isEmpty else {
        throw DeployError(.benchTrtexecFailed, "the backend does not time its computation")
      }
    }
    leg.compute = listener.times
    return leg
  }

  private func otherLeg(
    _ contender: BenchContender,
    _ path: String,
    _ folder: TemporaryFolder
  ) throws -> (Leg, String?) {
    let times = folder.path + "/times.json"
    unlink(times)
    let answer = ChildProcess.run(
      path,
      arguments(contender, engine: folder.path + "/engine", times: times),
      seconds: 300,
      outputLimit: 1 << 20
    )
    guard answer.exitCode == 0 else {
      let last = answer.output.split(whereSeparator: \.isNewline).last.map { ": \($0.prefix(300))" }
      throw DeployError(
        .benchTrtexecFailed,
        "\(answer.problem ?? "trtexec failed")\(last ?? "")",
        at: .file(path: path),
        remedy: "run it by hand: trtexec --loadEngine=ENGINE; its release must be the engine's"
      )
    }
    let summary = try TrtexecSummary(answer.output)
    let queries = try TrtexecTimes.read(path: times).timed(afterWarmUp: Double(Self.warmUp))
    guard !queries.isEmpty else {
      throw DeployError(
        .benchTrtexecFailed,
        "trtexec wrote no query after its warm-up",
        at: .file(path: path)
      )
    }
    return (Leg(engine: queries.map(\.latency), compute: queries.map(\.compute)), summary.release)
  }

  /// The same engine, shape and way of launching, one stream.
  private func arguments(
    _ contender: BenchContender,
    engine: String,
    times: String
  ) -> [String] {
    var arguments = [
      "--loadEngine=\(engine)", "--exportTimes=\(times)", "--duration=\(Self.legSeconds)",
      "--warmUp=\(Self.warmUp)", "--iterations=1", "--avgRuns=1",
    ]
    if contender.hasOpenShape {
      let extents = contender.input.shape.dimensions.map(String.init).joined(separator: "x")
      arguments.append("--shapes=\(contender.inputName):\(extents)")
    }
    if backend.recordsRuns { arguments.append("--useCudaGraph") }
    return arguments
  }

  private func record(
    _ name: String,
    _ contender: BenchContender,
    _ times: [Double],
    _ inputs: String
  ) -> BenchmarkRecord {
    var record = BenchmarkRecord(
      label: name,
      model: String(plan.split(separator: "/").last ?? ""),
      backend: contender.backend,
      backendVersion: contender.backendVersion,
      batch: contender.batch,
      precision: contender.precision,
      inputShape: contender.input.shape.dimensions,
      inputs: name == "vitrine" ? inputs : "random numbers of trtexec's own"
    )
    var moment = 0.0
    let starts = times.map { time in
      defer { moment += time / 1000 }
      return moment
    }
    record.engine = LatencySeries(milliseconds: times, seconds: starts)
    let mean = times.reduce(0, +) / Double(max(1, times.count))
    if mean > 0 { record.engineThroughput = 1000 * Double(contender.batch) / mean }
    return record
  }

  // MARK: Small things

  /// The program's path.
  /// - Throws: `bench.no-trtexec`.
  private func find() throws -> String {
    let folders = searchPath.split(separator: ":")
    let candidates =
      program.contains("/")
      ? [program]
      : (folders.map(String.init) + ["/usr/src/tensorrt/bin", "/usr/local/tensorrt/bin"])
        .map { $0 + "/" + program }
    if let found = candidates.first(where: { access($0, X_OK) == 0 }) { return found }
    throw DeployError(
      .benchNoTrtexec,
      "there is no '\(program)' that can be started",
      at: .option("--against-trtexec"),
      remedy: "install TensorRT's samples (libnvinfer-bin), or give trtexec's path"
    )
  }

  private static func median(_ times: [Double]) -> Double {
    LayerTimes.median(times) ?? 0
  }

  /// Legs by twos: each round has two of each.
  private static func rounds(_ legs: [Double]) -> InterleavedRounds.Legs {
    stride(from: 0, to: legs.count - 1, by: 2).map { [legs[$0], legs[$0 + 1]] }
  }
}

/// The time that the GPU computed in each run.
private final class ComputeListener: SessionObserver {
  var times: [Double] = []

  func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration) {
    if phase == .compute { times.append(duration / .milliseconds(1)) }
  }
}

extension Diagnostic.ID {
  /// trtexec is not there.
  static let benchNoTrtexec: Self = "bench.no-trtexec"
  /// trtexec ended with an error or without times.
  static let benchTrtexecFailed: Self = "bench.trtexec-failed"
  /// Two releases are compared.
  static let benchOtherRelease: Self = "bench.other-release"
}
