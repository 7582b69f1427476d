public import Backends
public import Diagnostics
import Files
import FoundationEssentials
import Glibc
import Graphs
public import Metrics
import Models
import Passes
public import Reports
import Tensors

/// A model on a backend → where the time goes, layer by layer.
///
/// The network runs at one fixed shape on random numbers from a seed: what layers cost does not
/// depend on the numbers, except where a network decides for itself how much to do.
public struct ProfileJob: Sendable {
  /// The checkpoint or ONNX file.
  public var model: String
  /// What runs it.
  public var backend = BackendChoice()
  /// Height and width of the input in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// Observed runs, after the warm-up.
  public var runCount = 20
  /// Runs before them that are not timed.
  public var warmUpCount = 3
  /// Whether what the machine can do is measured, too.
  var measuresPeaks = true
  /// The folder that remembers what the machine can do; nil measures anew.
  public var peakCache: String?

  /// Creates a job.
  public init(model: String) { self.model = model }

  /// Profiles.
  /// - Throws: what reading, building and running throw; `profile.no-layers`.
  public func run(progress: ProgressHandler = { _ in }) async throws -> ProfileResult {
    progress(.began(stage: "peaks", total: nil))
    let threads = backend.threadCount ?? Self.processorCount
    let peaks =
      measuresPeaks ? PeakMeasurement(threadCount: threads, cache: peakCache).peaks() : nil
    progress(.finished(summary: peaks?.words ?? "not measured"))
    progress(.began(stage: "build", total: nil))
    let opened = try ModelSource.open(model).anyGraph(ImportOptions(imageSize: imageSize))
    let size = imageSize ?? opened.graph.contract?.inputSize ?? [640, 640]
    let bound = try opened.graph.bound(batch: 1, size: size)
    let graph = try PassManager(PassCatalog.export.passes).run(on: bound).graph
    let engine = try backend.open()
    var configuration = backend.configuration
    let plain = try await engine.build(graph, configuration: configuration)
    configuration.profilesLayers = true
    let profiled = try await engine.build(graph, configuration: configuration)
    progress(.finished(summary: "\(counted(graph.nodeCount, "node"))"))
    let feed = try Feed.random(graph, seed: 1)
    let total = 2 * (warmUpCount + runCount)
    progress(.began(stage: "profile", total: total))
    let unobserved = try measure(plain.plan, feed, observed: false, done: 0, progress)
    let observed = try measure(profiled.plan, feed, observed: true, done: total / 2, progress)
    var profile = LayerProfile(
      model: String(model.split(separator: "/").last ?? ""),
      backend: backend.name,
      version: Self.version(of: engine),
      source: Self.source(of: backend.name),
      inputShape: feed.tensors.values.first?.shape.dimensions ?? [],
      threadCount: backend.threadCount,
      runCount: runCount,
      precision: "",
      layers: observed.layers,
      totalMilliseconds: observed.typicalTotal,
      unobservedMilliseconds: unobserved.typicalTotal,
      peaks: peaks
    ).attributed(
      to: graph,
      sources: profiled.plan.info.layersNameEveryNode
        ? observed.layers.map { $0.nodes.joined(separator: "\u{1F}") } : []
    )
    profile.layers.removeAll { $0.milliseconds == 0 && $0.nodes.isEmpty }
    guard !profile.layers.isEmpty else { throw Self.noLayers(backend.name) }
    profile.precision = profile.dominantPrecision
    progress(.finished(summary: profile.words))
    let notes = opened.diagnostics + plain.diagnostics + profiled.diagnostics
    return ProfileResult(
      profile: profile,
      memory: plain.plan.info.memory,
      diagnostics: notes.uniqued()
    )
  }

  /// The result as a document for reports.
  public func report(_ result: ProfileResult) throws -> Report {
    var report = try Report.begun(
      "profile",
      model: model,
      imageSize: imageSize,
      environment: Machine.facts(backend)
    )
    report.profiles = [result.profile]
    report.memory = result.memory
    report.diagnostics = result.diagnostics
    return report
  }

  private func measure(
    _ plan: any Plan,
    _ feed: Feed,
    observed: Bool,
    done: Int,
    _ progress: ProgressHandler
  ) throws -> (layers: [LayerMeasurement], typicalTotal: Double?) {
    let session = try plan.makeSession()
    for (name, tensor) in feed.tensors { try session.input(name, shape: tensor.shape).copy(tensor) }
    for run in 0..<warmUpCount {
      try Task.checkCancellation()
      try session.run(observer: nil)
      progress(.advanced(done + run + 1))
    }
    let times = LayerTimes()
    var totals: [Double] = []
    for run in 0..<runCount {
      try Task.checkCancellation()
      let time = try ContinuousClock().measure {
        try session.run(observer: observed ? times : nil)
      }
      totals.append(time / .milliseconds(1))
      progress(.advanced(done + warmUpCount + run + 1))
    }
    return (times.layers, observed ? times.typicalTotal : LayerTimes.median(totals))
  }

  private static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private static func version(of engine: any Backend) -> String {
    if case .available(let version) = engine.availability() { version } else { "" }
  }

  private static func source(of backend: String) -> String {
    switch backend {
    case "onnxruntime": "ONNX Runtime's profile of single runs"
    case "openvino": "OpenVINO's performance counters, differences of single runs"
    case "reference": "a clock around each node"
    default: "the backend's own clock"
    }
  }

  private static func noLayers(_ backend: String) -> DeployError {
    DeployError(
      .profileNoLayers,
      "backend '\(backend)' told no layer times",
      remedy: "use a newer release of the engine, or another backend"
    )
  }
}

/// What a profile found.
public struct ProfileResult: Sendable, Encodable {
  /// The profile.
  public var profile: LayerProfile
  /// Where the plan keeps its values, where the backend tells.
  public var memory: PlanMemory?
  /// Warnings and notes.
  public var diagnostics: [Diagnostic] = []
}

extension Array where Element == Diagnostic {
  /// Each message once.
  fileprivate func uniqued() -> [Diagnostic] {
    var seen: Set<String> = []
    return filter { seen.insert($0.message).inserted }
  }
}

extension Diagnostic.ID {
  /// A backend that does not tell what its layers took.
  static let profileNoLayers: Self = "profile.no-layers"
}
