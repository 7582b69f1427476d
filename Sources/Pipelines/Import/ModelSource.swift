import Backends
import Detectors
import Diagnostics
import Files
import Formats
import Graphs
import Models

/// A model file, opened: its kind decides how it becomes a graph.
enum ModelSource {
  /// A checkpoint.
  case checkpoint(Checkpoint)
  /// An ONNX file.
  case onnx(path: String)

  /// Opens a file; `.onnx` is read as ONNX, everything else as a checkpoint (whose reader says
  /// what a stranger is).
  /// - Throws: IDs of `checkpoint.` and `file.`.
  static func open(_ path: String) throws -> ModelSource {
    guard !path.lowercased().hasSuffix(".onnx") else {
      _ = try MappedFile(path: path)
      return .onnx(path: path)
    }
    return .checkpoint(try CheckpointReader.read(path: path))
  }

  /// The trained numbers: without the statistics of batch normalisation where modules tell them
  /// apart, otherwise every weight of the graph.
  func trainedParameterCount(_ graph: Graph) throws -> Int {
    guard case .checkpoint(let checkpoint) = self else { return graph.parameterCount }
    return try ModelSummary(checkpoint).parameterCount
  }

  /// Assumes what a foreign file does not say, and says what was assumed.
  private static func completeContract(of graph: inout Graph) throws -> [Diagnostic] {
    guard var contract = graph.contract else {
      let inferred = try ContractInference.infer(from: graph.bindings)
      graph.contract = inferred.contract
      return inferred.diagnostics
    }
    guard contract.head == .raw, contract.levels.contains(where: { $0.anchors.isEmpty }) else {
      return []
    }
    contract.levels = ContractInference.cocoLevels(count: contract.levels.count)
    graph.contract = contract
    let note = Diagnostic(
      .warning,
      .importAssumedAnchors,
      "the file does not say its anchors, so those of the COCO models are assumed",
      remedy: "export it from its checkpoint with `vitrine export`"
    )
    return [note]
  }

  /// The network as a graph with its contract, and what is worth saying about it.
  ///
  /// - Parameter options: how a checkpoint becomes a graph. An ONNX file has its form already;
  ///   only an image size that contradicts it is an error.
  func graph(_ options: ImportOptions) throws -> (graph: Graph, diagnostics: [Diagnostic]) {
    switch self {
    case .checkpoint(let checkpoint):
      let imported = try ModelImporter().graph(from: checkpoint, options: options)
      return (imported.graph, imported.diagnostics)
    case .onnx(let path):
      var graph = try ONNXReader.read(path: path)
      let notes = try Self.completeContract(of: &graph)
      return (graph, notes)
    }
  }
}

extension ModelSource {
  /// The network as a graph, whatever it answers: of an ONNX file that is no detector, too.
  func anyGraph(_ options: ImportOptions) throws -> (graph: Graph, diagnostics: [Diagnostic]) {
    guard case .onnx(let path) = self else { return try graph(options) }
    return (try ONNXReader.read(path: path), [])
  }
}

extension Graph {
  /// What a plan of this graph takes and gives.
  var bindings: PlanInfo {
    PlanInfo(
      backend: "",
      inputs: inputs.map { Binding(name: self[$0].name, type: self[$0].type) },
      outputs: outputs.map { Binding(name: self[$0].name, type: self[$0].type) },
      layers: [],
      contract: contract
    )
  }
}

extension Diagnostic.ID {
  /// A raw head whose anchors are not in the file.
  static let importAssumedAnchors: Self = "import.assumed-anchors"
}
