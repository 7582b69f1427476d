import Backends
import Diagnostics
import Files
import Glibc
import Metrics
import Reports
import Tensors

/// Two builds of this program on one model, in turns.
///
/// Each runs in a process of its own, on the same prepared inputs and the same picture files; they
/// are asked by turns (A B B A), so whatever drifts on the machine weighs on both alike: the sound
/// way to find out whether a build got slower. The network alone is timed, and then the whole way
/// from file bytes to detections, in which the builds' own code is.
public struct ProgramJob: Sendable {
  /// A checkpoint or an ONNX file in single precision.
  public var model: String
  /// The other build: what this one is measured against.
  public var other: String
  /// This build.
  public var executable = "/proc/self/exe"
  /// What runs the network in both.
  public var backend = BackendChoice()
  /// Input height and width in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// Pictures, folders or globs; empty draws scenes.
  public var images: [String] = []
  /// How long each program is measured, in seconds, warm-up apart.
  public var duration = 10.0
  /// Where random numbers begin.
  public var seed: UInt64 = 1

  /// Creates a job.
  public init(model: String, other: String) {
    self.model = model
    self.other = other
  }

  /// Measures. The verdicts are of this program against the other.
  /// - Throws: `bench.other-program`, and what reading the model and the pictures throws.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> BenchResult {
    var report = try Report.begun(
      "bench",
      model: model,
      imageSize: imageSize,
      environment: Machine.facts(backend)
    )
    let name = try otherName()
    progress(.began(stage: "pictures", total: nil))
    let inputs = try await FrameworkInputs(inputJob)
    let pictures = try pictureFiles()
    progress(.finished(summary: inputs.description))
    progress(.began(stage: "start", total: nil))
    let peers = [
      try peer(name, other, inputs, pictures?.path),
      try peer("this", executable, inputs, pictures?.path),
    ]
    progress(.finished(summary: "\(name) and this program"))
    report.diagnostics += try differences(peers, inputs)
    var series: [ProgramSeries] = []
    for isQuery in pictures == nil ? [false] : [false, true] {
      let share = pictures == nil ? duration : duration / 2
      var found = ProgramSeries(isQuery: isQuery)
      try found.measure(peers, seconds: share, progress)
      series.append(found)
      report.verdicts.append(found.verdict(name, threadCount: threadCount(peers), seed: seed))
    }
    withExtendedLifetime(pictures) {
      report.benchmarks = peers.indices.map {
        record($0, peers, [name, Self.ownName], series, inputs)
      }
    }
    report.environment["other program"] = name
    return BenchResult(report: report)
  }

  /// What this build is called.
  static let ownName = "this program"

  private func threadCount(_ peers: [FrameworkPeer]) -> Int {
    let all = MachineProbe.processorCount
    return peers.map { min($0.greeting.threadCount ?? all, all) }.max() ?? 1
  }

  /// The other program's file name and the start of its digest, which tells builds apart.
  private func otherName() throws -> String {
    let digest = try SHA256.hex(ofFile: other)
    guard access(other, X_OK) == 0 else {
      throw Self.failure("is no program that can be started", other)
    }
    return "\(other.split(separator: "/").last ?? "") #\(digest.prefix(8))"
  }

  private var inputJob: FrameworkJob {
    var job = FrameworkJob(model: model)
    job.engines = [backend.name]
    job.images = images
    job.threadCount = backend.threadCount ?? 1
    job.imageSize = imageSize
    job.cache = backend.cache
    job.seed = seed
    return job
  }

  /// The pictures as files that both programs read; nil where none could be made.
  private func pictureFiles() throws -> TemporaryFolder? {
    let pool = try PicturePool(images, seed: seed)
    guard !pool.files.isEmpty else { return nil }
    let folder = try TemporaryFolder()
    for (index, bytes) in pool.files.enumerated() {
      // What a file is is found out from its bytes; the name only has to be a picture's.
      var file = try AtomicFile(path: "\(folder.path)/\(1000 + index).jpg")
      try file.write(bytes)
      try file.commit()
    }
    return folder
  }

  private func peer(
    _ name: String,
    _ program: String,
    _ inputs: FrameworkInputs,
    _ pictures: String?
  ) throws -> FrameworkPeer {
    let layout = inputs.block.layout
    var arguments = [
      "peer", model, "--backend", backend.name, "--shared", inputs.block.path, "--slot-bytes",
      "\(layout.slotByteCount)", "--slots", "\(layout.slotCount)", "--imgsz",
    ]
    arguments += inputs.shape.dimensions.suffix(2).map(String.init)
    if let count = backend.threadCount { arguments += ["--threads", "\(count)"] }
    if let cache = backend.cache { arguments += ["--cache", cache] }
    if let pictures { arguments += ["--images", pictures] }
    // Without a slash the name would be looked for in PATH.
    let path = program.contains("/") ? program : "./" + program
    do { return try FrameworkPeer(name, path, arguments) } catch let error as DeployError
      where error.id == .comparePeerFailed
    {
      throw Self.failure("does not take part: \(error.diagnostics[0].message)", program)
    }
  }

  /// What the programs do not do alike.
  private func differences(
    _ peers: [FrameworkPeer],
    _ inputs: FrameworkInputs
  ) throws -> [Diagnostic] {
    var judge = FairnessJudge(inputs: inputs, threadCount: threadCount(peers))
    // Any precision will do, as long as both programs say the same.
    judge.precision = peers[0].greeting.precision ?? judge.precision
    return try judge.judge(peers).filter { !$0.passes && $0.name != "threads" }.map {
      Diagnostic(
        .warning,
        .benchProgramsDiffer,
        "\($0.name): \($0.verdict)",
        remedy: "the programs do not compute the same: take the times with care"
      )
    }
  }

  private func record(
    _ index: Int,
    _ peers: [FrameworkPeer],
    _ names: [String],
    _ series: [ProgramSeries],
    _ inputs: FrameworkInputs
  ) -> BenchmarkRecord {
    let greeting = peers[index].greeting
    var record = BenchmarkRecord(
      label: names[index],
      model: String(model.split(separator: "/").last ?? ""),
      backend: backend.name,
      backendVersion: greeting.version ?? "",
      threadCount: greeting.threadCount,
      precision: greeting.precision ?? "",
      inputShape: inputs.shape.dimensions,
      inputs: inputs.description
    )
    for found in series {
      let times = found.latency(index)
      let throughput = times.map { 1000 / max($0.summary.mean, 1e-9) }
      if found.isQuery {
        (record.endToEnd, record.endToEndThroughput) = (times, throughput)
      } else {
        (record.engine, record.engineThroughput) = (times, throughput)
      }
    }
    return record
  }

  private static func failure(_ message: String, _ program: String) -> DeployError {
    DeployError(
      .benchOtherProgram,
      message,
      at: .file(path: program),
      remedy: "give the executable of another build of this program, of this version or newer"
    )
  }
}

extension Diagnostic.ID {
  /// Another build that cannot be measured.
  static let benchOtherProgram: Self = "bench.other-program"
  /// Two builds that give different numbers for one input.
  static let benchProgramsDiffer: Self = "bench.programs-differ"
}
