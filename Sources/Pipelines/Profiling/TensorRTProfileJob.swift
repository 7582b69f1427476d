import Backends
import Diagnostics
import Formats
import Graphs
import Metrics
import Models
import Passes
public import Reports
import Tensors

/// TensorRT's exports → a profile, without TensorRT and without a GPU.
public struct TensorRTProfileJob: Sendable {
  /// The layer information (`trtexec --exportLayerInfo`).
  public var layers: String
  /// The layer times (`trtexec --exportProfile`); nil shows the layers without times.
  public var times: String?
  /// The ONNX file or checkpoint that the engine was built from; nil leaves modules unknown.
  public var model: String?

  /// Creates a job.
  public init(layers: String, times: String? = nil, model: String? = nil) {
    self.layers = layers
    self.times = times
    self.model = model
  }

  /// Reads and joins.
  /// - Throws: `tensorrt.malformed`, and what reading the model throws.
  public func run() throws -> ProfileResult {
    let engine = try EngineDescription.read(path: layers)
    let times = try times.map { try EngineTimes.read(path: $0) }
    var notes: [Diagnostic] = []
    var measured = engine.layers.map(Self.measurement)
    if let times { Self.join(times, into: &measured, &notes) }
    var profile = LayerProfile(
      model: Self.name(of: model ?? layers),
      backend: "tensorrt",
      version: engine.spelling,
      source: Self.source(times),
      inputShape: Self.inputShape(engine),
      runCount: times?.runCount ?? 0,
      precision: Self.commonest(engine.layers.compactMap { $0.scalarType?.rawValue }),
      layers: measured,
      totalMilliseconds: times.map { $0.layers.reduce(0) { $0 + $1.milliseconds } }
    )
    if let model { profile = try attributed(profile, engine, to: model, &notes) }
    return ProfileResult(profile: profile, diagnostics: notes)
  }

  /// The result as a document for reports.
  public func report(_ result: ProfileResult) throws -> Report {
    var report = try Report.begun("profile", model: model, file: layers)
    report.profiles = [result.profile]
    report.diagnostics = result.diagnostics
    return report
  }

  private func attributed(
    _ profile: LayerProfile,
    _ engine: EngineDescription,
    to model: String,
    _ notes: inout [Diagnostic]
  ) throws -> LayerProfile {
    let opened = try ModelSource.open(model).anyGraph(ImportOptions())
    notes += opened.diagnostics
    let shape = profile.inputShape
    let size =
      shape.count == 4 && shape[2] > 0 && shape[3] > 0
      ? [shape[2], shape[3]] : opened.graph.contract?.inputSize ?? [640, 640]
    let batch = shape.first.map { max(1, $0) } ?? 1
    var graph = try opened.graph.bound(batch: batch, size: size)
    if !model.lowercased().hasSuffix(".onnx") {
      graph = try PassManager(PassCatalog.export.passes).run(on: graph).graph
    }
    var result = profile.attributed(to: graph, sources: engine.layers.map(\.metadata))
    // Where no node was found, what the engine itself says of the cost still stands.
    for index in result.layers.indices where result.layers[index].nodes.isEmpty {
      result.layers[index].operations = profile.layers[index].operations
    }
    if result.layers.allSatisfy(\.nodes.isEmpty) {
      notes.append(
        Diagnostic(
          .warning,
          .profileUnmatched,
          "no layer of the engine names a node of '\(Self.name(of: model))'",
          remedy: "give the file that the engine was built from, and build with "
            + "--profilingVerbosity=detailed"
        )
      )
    }
    return result
  }

  private static func measurement(_ layer: EngineLayer) -> LayerMeasurement {
    let sizes = { (tensors: [EngineTensor]) -> Int64? in
      tensors.isEmpty
        ? nil
        : tensors.reduce(Int64?(0)) { sum, tensor in
          guard let sum, let bytes = tensor.byteCount else { return nil }
          let (result, overflow) = sum.addingReportingOverflow(bytes)
          return overflow ? nil : result
        }
    }
    return LayerMeasurement(
      name: layer.name,
      tactic: [layer.kind, layer.tactic].filter { !$0.isEmpty }.joined(separator: " "),
      precision: layer.scalarType?.rawValue ?? "",
      operations: layer.operations,
      bytesRead: sizes(layer.inputs).flatMap { bytes in
        let (sum, overflow) = bytes.addingReportingOverflow(layer.weightByteCount)
        return overflow ? nil : sum
      },
      bytesWritten: sizes(layer.outputs)
    )
  }

  /// Gives layers their times by name; of equal names the first takes the first time. Times of
  /// layers that the description does not have are layers of their own.
  private static func join(
    _ times: EngineTimes,
    into layers: inout [LayerMeasurement],
    _ notes: inout [Diagnostic]
  ) {
    var places: [String: [Int]] = [:]
    for (index, layer) in layers.enumerated().reversed() {
      places[layer.name, default: []].append(index)
    }
    var strangers = 0
    for time in times.layers {
      if let index = places[time.name]?.popLast() {
        layers[index].milliseconds = time.milliseconds
      } else {
        layers.append(LayerMeasurement(name: time.name, milliseconds: time.milliseconds))
        strangers += 1
      }
    }
    let untimed = layers.count { $0.milliseconds == nil }
    guard strangers + untimed > 0 else { return }
    notes.append(
      Diagnostic(
        .warning,
        .profileUnmatched,
        "\(strangers) times belong to no layer of the description, \(untimed) layers have no time",
        remedy: "export both files in one run of trtexec"
      )
    )
  }

  private static func source(_ times: EngineTimes?) -> String {
    guard let times else { return "TensorRT's layer information, without times" }
    return "TensorRT's profile, \(times.areMedians ? "medians" : "means")"
  }

  /// The shape of the first tensor that the engine's first binding is read as.
  private static func inputShape(_ engine: EngineDescription) -> [Int] {
    guard let name = engine.bindings.first else { return [] }
    let tensors = engine.layers.lazy.flatMap(\.inputs)
    return tensors.first { $0.name == name && !$0.extents.isEmpty }?.extents ?? []
  }

  private static func commonest(_ names: [String]) -> String {
    let counts = Dictionary(grouping: names) { $0 }.mapValues(\.count)
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
  }

  private static func name(of path: String) -> String {
    String(path.split(separator: "/").last ?? "")
  }
}

extension Diagnostic.ID {
  /// Layers and times, or layers and nodes, that do not belong together.
  static let profileUnmatched: Self = "profile.unmatched"
}
