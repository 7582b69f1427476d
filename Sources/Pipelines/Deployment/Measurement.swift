import Backends
import Graphs
import Metrics
import Models
import Passes
import Reports
import Tensors

/// Engine-only latency of a model at one shape: enough for a first look; `bench` does it in depth.
struct Measurement {
  let model: String
  let backend: BackendChoice
  let imageSize: [Int]?
  var warmUpCount = 3
  /// Runs until both are reached.
  var minimumRuns = 10
  var minimumTime = Duration.seconds(1)
  /// Never longer than this.
  var maximumTime = Duration.seconds(10)

  func run(progress: ProgressHandler) async throws -> LatencyRecord? {
    progress(.began(stage: "measure", total: nil))
    let opened = try ModelSource.open(model).graph(ImportOptions(imageSize: imageSize)).graph
    let size = imageSize ?? opened.contract?.inputSize ?? [640, 640]
    let graph = try opened.bound(batch: 1, size: size)
    let engine = try backend.open()
    let session = try await makeSession(engine, graph)
    let feed = try Feed.random(graph, seed: 1)
    for (name, tensor) in feed.tensors { try session.input(name, shape: tensor.shape).copy(tensor) }
    for _ in 0..<warmUpCount { try session.run(observer: nil) }
    var times: [Duration] = []
    let start = ContinuousClock.now
    var elapsed = Duration.zero
    while times.count < minimumRuns || elapsed < minimumTime, elapsed < maximumTime {
      times.append(try ContinuousClock().measure { try session.run(observer: nil) })
      elapsed = ContinuousClock.now - start
    }
    guard let summary = LatencySummary(times, warmUpCount: warmUpCount) else { return nil }
    progress(.finished(summary: summary.words))
    return LatencyRecord(
      backend: backend.name,
      threadCount: backend.threadCount ?? 0,
      inputShape: feed.tensors.values.first?.shape.dimensions ?? [],
      runCount: summary.runCount,
      warmUpCount: summary.warmUpCount,
      p50: summary.p50,
      p90: summary.p90,
      minimum: summary.minimum
    )
  }

  private func makeSession(_ engine: any Backend, _ graph: Graph) async throws -> any Session {
    if model.lowercased().hasSuffix(".onnx"), let runtime = engine as? any FileBackend {
      return try runtime.load(
        onnxFile: model,
        configuration: backend.configuration,
        contract: graph.contract
      ).makeSession()
    }
    return try await engine.build(graph, configuration: backend.configuration).plan.makeSession()
  }
}
