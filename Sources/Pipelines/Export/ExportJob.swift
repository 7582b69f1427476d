import CAllocation
import Diagnostics
import Files
import Formats
import Graphs
import Models
import Passes

/// Checkpoint → ONNX file.
public struct ExportJob: Sendable {
  /// The checkpoint's path.
  public var model: String
  /// The file to write; by default the model's name with `.onnx`.
  public var output: String?
  /// How.
  public var options: ExportOptions

  /// Creates a job.
  public init(model: String, output: String? = nil, options: ExportOptions = ExportOptions()) {
    self.model = model
    self.output = output
    self.options = options
  }

  /// Exports.
  /// - Throws: `export.not-a-checkpoint`, `export.onto-source`, `export.unknown-pass`, and what
  ///   reading, importing and writing throw.
  public func run(progress: ProgressHandler = { _ in }) throws -> ExportResult {
    let start = ContinuousClock.now
    // Weights pass through memory one at a time.
    allocation_return_large_blocks()
    progress(.began(stage: "import", total: nil))
    guard case .checkpoint(let checkpoint) = try ModelSource.open(model) else {
      throw DeployError(
        .exportNotACheckpoint,
        "is an ONNX file already",
        at: .file(path: model),
        remedy: "export takes a checkpoint (.pt); use check or detect with the ONNX file"
      )
    }
    let path = try outputPath()
    let passes = try options.passes()
    let imported = try ModelImporter().graph(from: checkpoint, options: options.importOptions)
    progress(.finished(summary: "\(imported.contract.family), \(imported.graph.nodeCount) nodes"))
    progress(.began(stage: "optimise", total: nil))
    let outcome = try passes.run(on: imported.graph)
    let edits = counted(outcome.records.count, "edit")
    progress(.finished(summary: "\(outcome.graph.nodeCount) nodes, \(edits)"))
    progress(.began(stage: "export", total: outcome.graph.constants.count))
    try ONNXWriter.write(outcome.graph, to: path, opset: options.opset) { count in
      checkpoint.releasePages()
      progress(.advanced(count))
    }
    let byteCount = try MappedFile(path: path).count
    progress(.finished(summary: "\(path), \(byteCount / 1000) kB"))
    return ExportResult(
      model: model,
      output: path,
      byteCount: byteCount,
      opset: options.opset,
      inputs: outcome.graph.inputs.map { Self.text(outcome.graph, $0) },
      outputs: outcome.graph.outputs.map { Self.text(outcome.graph, $0) },
      operatorsBefore: imported.graph.operatorCounts,
      operatorsAfter: outcome.graph.operatorCounts,
      patches: outcome.records,
      diagnostics: imported.diagnostics,
      milliseconds: (ContinuousClock.now - start).milliseconds
    )
  }

  /// Where the file goes: not onto the checkpoint, which is mapped and would be lost.
  private func outputPath() throws -> String {
    let path = output ?? Self.defaultOutput(for: model)
    guard !MappedFile.areSame(model, path) else {
      throw DeployError(
        .exportOntoSource,
        "is the checkpoint itself, which would be lost",
        at: .file(path: path),
        remedy: "give another name with --output"
      )
    }
    try OutputFile.checkKind(path, [".onnx"])
    return path
  }

  /// `folder/yolov5s.pt` → `folder/yolov5s.onnx`.
  static func defaultOutput(for model: String) -> String {
    let name = model.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return model + ".onnx" }
    return model.dropLast(name[dot...].count) + ".onnx"
  }

  private static func text(_ graph: Graph, _ id: ValueID) -> String {
    "\(graph[id].name) \(graph[id].type)"
  }
}

extension ExportOptions {
  /// How the checkpoint becomes a graph.
  var importOptions: ImportOptions {
    var result = ImportOptions()
    result.imageSize = imageSize
    result.batch = batch
    switch dynamic {
    case .none: result.dynamic = .none
    case .batch: result.dynamic = .batch
    case .size: result.dynamic = .size
    }
    switch head {
    case .decoded: result.head = .decoded
    case .raw: result.head = .raw
    case .end2end: result.head = .end2end
    }
    result.suppression.confidence = confidence
    result.suppression.overlap = overlap
    result.suppression.maximumDetections = maxDetections
    return result
  }

  /// The passes of an export.
  /// - Throws: `export.unknown-pass`, for a pass to leave out that is not there.
  func passes() throws -> PassManager {
    var passes = PassCatalog.export.passes
    if half { passes.append(CastToHalf()) }
    let names = Set(passes.map(\.name)).union([CastToHalf().name])
    if let unknown = disabledPasses.subtracting(names).min() {
      throw DeployError(
        .exportUnknownPass,
        "there is no pass '\(unknown)'",
        at: .option("--disable-pass"),
        remedy: "name one of \(names.sorted().joined(separator: ", "))"
      )
    }
    var disabled = disabledPasses
    if keepsBatchNormalization { disabled.insert("fold-batch-normalization") }
    return PassManager(passes, patchLimit: patchLimit, disabled: disabled)
  }
}

extension Graph {
  /// Nodes by operator name.
  var operatorCounts: [String: Int] {
    nodes.reduce(into: [:]) { $0[type(of: $1.op).name, default: 0] += 1 }
  }
}

extension Duration {
  /// The duration in milliseconds.
  var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
  }
}

extension Diagnostic.ID {
  /// An export of something that is no checkpoint.
  static let exportNotACheckpoint: Self = "export.not-a-checkpoint"
  /// The output is the checkpoint that is read.
  static let exportOntoSource: Self = "export.onto-source"
  /// A pass to leave out that is not there.
  static let exportUnknownPass: Self = "export.unknown-pass"
}
