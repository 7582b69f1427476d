import Diagnostics
import Files
import Formats
import Graphs
import Models
import Tensors

/// A model file → what is inside.
public struct InspectJob: Sendable {
  /// The file's path.
  public var model: String
  /// Height and width in pixels that shapes and operations are stated for; nil takes the usual.
  public var imageSize: [Int]?
  /// Whether every layer is listed.
  public var listsLayers: Bool

  /// Creates a job.
  public init(model: String, imageSize: [Int]? = nil, listsLayers: Bool = false) {
    self.model = model
    self.imageSize = imageSize
    self.listsLayers = listsLayers
  }

  /// Reads the file.
  /// - Throws: what reading and importing throw.
  public func run() throws -> InspectResult {
    switch try ModelSource.open(model) {
    case .checkpoint(let checkpoint): try checkpointResult(checkpoint)
    case .onnx: try graphResult()
    }
  }

  /// Lists what the pickle would have imported, even where the file is refused.
  /// - Throws: what keeps the pickle from being read at all.
  public func audit() throws -> AuditReport {
    let audit = try CheckpointReader.audit(path: model)
    do {
      _ = try CheckpointReader.read(path: model)
      return AuditReport(audit: audit, refusal: nil)
    } catch let error as DeployError {
      return AuditReport(audit: audit, refusal: error)
    }
  }

  private func checkpointResult(_ checkpoint: Checkpoint) throws -> InspectResult {
    let summary = try ModelSummary(checkpoint, imageSize: imageSize)
    let kind = checkpoint.container.rawValue
    let source = checkpoint.modelEntry.map { ", network from '\($0)'" } ?? ""
    var facts = commonFacts(byteCount: checkpoint.byteCount)
    facts += [
      .init(name: "family", value: summary.family),
      .init(name: "container", value: kind + source),
      .init(name: "task", value: summary.task.rawValue),
      .init(name: "classes", value: Self.text(summary.classNames)),
    ]
    facts += Self.levelFacts(summary.levels)
    facts += [
      .init(name: "parameters", value: Self.grouped(summary.parameterCount)),
      .init(
        name: "work",
        value: "\(Self.tenths(summary.gigaFLOPs)) GFLOP at \(Self.size(summary.imageSize))"
      ),
    ]
    let layers = summary.layers.map { layer in
      InspectResult.Layer(
        name: layer.path,
        kind: layer.className.split(separator: ".").last.map(String.init) ?? layer.className,
        from: layer.from.map(String.init).joined(separator: ", "),
        output: layer.outputShape.map(String.init).joined(separator: "×"),
        parameterCount: layer.parameterCount,
        megaOperations: layer.gigaFLOPs * 1000
      )
    }
    return InspectResult(
      file: model,
      facts: facts,
      layers: listsLayers ? layers : [],
      classNames: summary.classNames,
      task: summary.task.rawValue,
      family: summary.family,
      levels: summary.levels,
      imageSize: summary.imageSize,
      parameterCount: summary.parameterCount,
      gigaOperations: summary.gigaFLOPs
    )
  }

  private func graphResult() throws -> InspectResult {
    let (graph, notes) = try ModelSource.onnx(path: model).graph(ImportOptions())
    let contract = graph.contract
    let size = imageSize ?? contract?.inputSize ?? [640, 640]
    let bound = try graph.bound(batch: 1, size: size)
    var facts = commonFacts(byteCount: try MappedFile(path: model).count)
    facts += [
      .init(name: "family", value: contract?.family ?? "unknown"),
      .init(name: "task", value: contract?.task.rawValue ?? "unknown"),
      .init(name: "head", value: contract?.head.rawValue ?? "unknown"),
      .init(name: "classes", value: Self.text(contract?.classNames ?? [])),
    ]
    facts += Self.levelFacts(contract?.levels ?? [])
    facts += graph.inputs.map { .init(name: "input", value: "\(graph[$0].name) \(graph[$0].type)") }
    facts += graph.outputs.map {
      .init(name: "output", value: "\(graph[$0].name) \(graph[$0].type)")
    }
    facts += [
      .init(name: "nodes", value: "\(graph.nodeCount)"),
      .init(name: "parameters", value: Self.grouped(graph.parameterCount)),
      .init(
        name: "work",
        value: "\(Self.tenths(bound.gigaFLOPs(of: bound.nodes))) GFLOP at \(Self.size(size))"
      ),
    ]
    facts += notes.map { .init(name: $0.severity.rawValue, value: $0.message) }
    return InspectResult(
      file: model,
      facts: facts,
      layers: listsLayers ? Self.layers(bound) : [],
      classNames: contract?.classNames ?? [],
      task: contract?.task.rawValue ?? "unknown",
      family: contract?.family ?? "unknown",
      levels: contract?.levels ?? [],
      imageSize: size,
      parameterCount: graph.parameterCount,
      gigaOperations: bound.gigaFLOPs(of: bound.nodes)
    )
  }

  private func commonFacts(byteCount: Int) -> [InspectResult.Fact] {
    [.init(name: "file", value: "\(model), \(Self.grouped(byteCount)) bytes")]
  }

  private static func layers(_ graph: Graph) -> [InspectResult.Layer] {
    graph.nodes.map { node in
      let weights = node.inputs.compactMap { id -> Int? in
        guard let id, let tensor = graph[id].constant, tensor.scalarType.isFloatingPoint else {
          return nil
        }
        return tensor.shape.count
      }
      let operands = node.inputs.compactMap { id -> String? in
        guard let id, graph[id].constant == nil else { return nil }
        return graph[id].name
      }
      return InspectResult.Layer(
        name: node.name,
        kind: type(of: node.op).name,
        from: operands.joined(separator: ", "),
        output: node.outputs.first.map { "\(graph[$0].type)" } ?? "",
        parameterCount: weights.reduce(0, +),
        megaOperations: graph.gigaFLOPs(of: [node]) * 1000
      )
    }
  }

  private static func levelFacts(_ levels: [ModelContract.Level]) -> [InspectResult.Fact] {
    levels.map { level in
      let anchors = level.anchors.map { "\(short($0.width))×\(short($0.height))" }
      return .init(
        name: "stride \(level.stride)",
        value: anchors.isEmpty ? "anchors unknown" : "anchors " + anchors.joined(separator: ", ")
      )
    }
  }

  private static func short(_ value: Float) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\((value * 100).rounded() / 100)"
  }

  private static func text(_ names: [String]) -> String {
    let shown = names.prefix(12).joined(separator: ", ")
    return "\(names.count): \(shown)\(names.count > 12 ? ", …" : "")"
  }

  private static func size(_ size: [Int]) -> String {
    size.map(String.init).joined(separator: "×")
  }

  private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

  /// `7,225,885`.
  private static func grouped(_ value: Int) -> String {
    let digits = String(value)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }
}
