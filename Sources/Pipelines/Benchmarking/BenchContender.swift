import Backends
import Detectors
import Diagnostics
import Graphs
import Metrics
import Models
import Passes
import Tensors

/// One configuration that is measured: a plan, its memory, and what its first time cost. One
/// owner, one call at a time.
final class BenchContender {
  var label: String
  let backend: String
  let backendVersion: String
  let batch: Int
  let threadCount: Int?
  let precision: String
  let inputName: String
  let inputType: TensorType
  /// Bound memory of the input, [N, 3, H, W].
  let input: TensorBuffer
  /// Whether the plan leaves extents of the input open.
  let hasOpenShape: Bool
  let contract: ModelContract?
  let session: any Session
  /// From pictures to detections, in a session of its own: the network's alone computes every
  /// number, this one what detections need. Nil where the network gives none.
  let detector: Detector?
  /// Why `detector` is nil.
  let absence: String?
  var coldStart: ColdStart
  let diagnostics: [Diagnostic]

  /// What was built from what.
  struct Build {
    var plan: any Plan
    let graph: Graph
    let diagnostics: [Diagnostic]
    /// What it computes in, where the graph does not tell.
    var precision: String?
  }

  /// Builds a model's file for one configuration.
  /// - Parameter imageSize: height and width in pixels; nil takes the model's.
  convenience init(
    model: String,
    backend: BackendChoice,
    batch: Int,
    imageSize: [Int]?,
    adapt: (any Plan) -> any Plan = { $0 }
  ) async throws {
    let start = ContinuousClock.now
    var build = try await Self.build(model, backend, batch, imageSize)
    build.plan = adapt(build.plan)
    let parts = [
      backend.name, "batch \(batch)", backend.threadCount.map { counted($0, "thread") },
    ]
    try self.init(
      label: parts.compactMap { $0 }.joined(separator: " · "),
      backend: backend,
      build: build,
      start: start
    )
  }

  /// Takes what was built.
  /// - Parameter start: when building began.
  init(
    label: String,
    backend choice: BackendChoice,
    build: Build,
    start: ContinuousClock.Instant
  ) throws {
    let bound = try Self.input(of: build.graph)
    self.label = label
    backend = choice.name
    backendVersion = Self.version(choice)
    threadCount = choice.threadCount
    batch = bound.shape[0]
    inputName = bound.name
    inputType = bound.type
    hasOpenShape = build.plan.info.inputs.first?.type.shape == nil
    contract = build.graph.contract
    precision =
      build.precision ?? choice.executionPrecisionHint?.rawValue ?? build.graph.precisionName
    var options = Detector.Options()
    options.fit = .square
    options.imageSize = [bound.shape[2], bound.shape[3]]
    options.batchSize = bound.shape[0]
    let plan = build.plan
    do {
      detector = try Detector(plan: plan, contract: contract, options: options)
      absence = nil
    } catch let error as DeployError where contract?.task == .classify {
      detector = nil
      absence = error.diagnostics.first?.message ?? "the network finds no boxes"
    }
    session = try plan.makeSession()
    diagnostics = build.diagnostics
    input = try session.input(inputName, shape: bound.shape)
    let built = ContinuousClock.now
    try session.run(observer: nil)
    coldStart = ColdStart(
      buildMilliseconds: (built - start) / .milliseconds(1),
      firstRunMilliseconds: (ContinuousClock.now - built) / .milliseconds(1)
    )
  }

  private static func build(
    _ model: String,
    _ choice: BackendChoice,
    _ batch: Int,
    _ imageSize: [Int]?
  ) async throws -> Build {
    if try PlanInspection.isPlan(model) { return try planBuild(model, choice, batch, imageSize) }
    let engine = try choice.open()
    var options = ImportOptions(imageSize: imageSize)
    options.dynamic = batch > 1 ? .batch : .none
    let (graph, notes) = try ModelSource.open(model).graph(options)
    let size = imageSize ?? graph.contract?.inputSize ?? [640, 640]
    let bound = try graph.bound(batch: batch, size: size)
    try checkShape(bound, [batch, 3] + (imageSize ?? []))
    if model.lowercased().hasSuffix(".onnx"), let runtime = engine as? any FileBackend {
      let plan = try runtime.load(
        onnxFile: model,
        configuration: choice.configuration,
        contract: graph.contract
      )
      return Build(plan: plan, graph: bound, diagnostics: notes)
    }
    let optimised = try PassManager(PassCatalog.export.passes).run(on: bound).graph
    let built = try await engine.build(optimised, configuration: choice.configuration)
    return Build(plan: built.plan, graph: optimised, diagnostics: notes + built.diagnostics)
  }
}

extension BenchContender {
  /// A plan file; its graph is no more than the inputs.
  private static func planBuild(
    _ model: String,
    _ choice: BackendChoice,
    _ batch: Int,
    _ imageSize: [Int]?
  ) throws -> Build {
    let plan = try choice.planFile(model, choice.configuration)
    var graph = Graph(name: model)
    for input in plan.info.inputs { graph.addInput(input.name, input.type) }
    graph.contract = plan.info.contract
    let size = imageSize ?? graph.contract?.inputSize ?? [640, 640]
    let bound = try graph.bound(batch: batch, size: size)
    try checkShape(bound, [batch, 3] + (imageSize ?? []))
    return Build(
      plan: plan,
      graph: bound,
      diagnostics: [],
      precision: try PlanInspection.describe(model).precision
    )
  }

  /// A file of fixed shape cannot be measured at another.
  private static func checkShape(_ graph: Graph, _ wanted: [Int]) throws {
    let shape = try input(of: graph).shape
    guard !shape.dimensions.starts(with: wanted) else { return }
    throw DeployError(
      .benchFixedShape,
      "the network takes \(shape), which does not fit \(Shape(wanted))",
      at: .option(shape[0] == wanted[0] ? "--imgsz" : "--batch"),
      remedy: "export it with `--dynamic size`, or measure the checkpoint"
    )
  }

  private static func version(_ choice: BackendChoice) -> String {
    guard let backend = try? choice.catalog.backend(named: choice.name),
      case .available(let version) = backend.availability()
    else { return "" }
    return version
  }

  /// The only input, of known shape.
  private static func input(
    of graph: Graph
  ) throws -> (name: String, type: TensorType, shape: Shape) {
    guard graph.inputs.count == 1, let id = graph.inputs.first, let shape = graph[id].type.shape,
      shape.rank == 4, shape.count > 0
    else {
      throw DeployError(
        .checkIncomparable,
        "the network does not take one batch of pictures [N, 3, H, W]",
        remedy: "give a detection or classification model"
      )
    }
    return (graph[id].name, graph[id].type, shape)
  }
}

extension Graph {
  /// The element type of most weights, or `int8` where the graph quantises: `float32`.
  var precisionName: String {
    if nodes.contains(where: { type(of: $0.op).name == "QuantizeLinear" }) { return "int8" }
    var counts: [ScalarType: Int] = [:]
    for value in constants {
      guard let tensor = value.constant, tensor.scalarType != .int64 else { continue }
      counts[tensor.scalarType, default: 0] += tensor.shape.count
    }
    return counts.max { $0.value < $1.value }?.key.rawValue ?? "float32"
  }
}
