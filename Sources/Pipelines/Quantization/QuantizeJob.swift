import Diagnostics
import Files
import Formats
import Graphs
public import Metrics
import Models
public import Passes

/// A model and what was observed of it → an ONNX file with 8-bit precision in the graph.
public struct QuantizeJob: Sendable {
  /// The model that was calibrated.
  public var model: String
  /// The calibration table's path.
  public var calibration: String
  /// The file to write; by default the model's name with `.int8.onnx`.
  public var output: String?
  /// How ranges are chosen.
  public var method = CalibrationMethod.mse
  /// How numbers become bytes.
  public var scheme = QuantizationScheme.asymmetric
  /// Module paths that stay as they are.
  public var keptModules: [String] = []
  /// Pictures per run of the written network.
  public var batch = 1

  /// Creates a job.
  public init(model: String, calibration: String) {
    self.model = model
    self.calibration = calibration
  }

  /// Quantises and writes.
  /// - Throws: `calibration.other-model`, `quantize.unknown-module`, `quantize.onto-source`, and what
  ///   reading and writing throw.
  public func run(progress: ProgressHandler = { _ in }) throws -> QuantizeResult {
    let table = try CalibrationTable.read(calibration)
    guard try SHA256.hex(ofFile: model) == table.modelDigest else {
      throw DeployError(
        .calibrationOtherModel,
        "the table was made with another file, '\(table.model)'",
        at: .file(path: calibration),
        remedy: "calibrate this model: vitrine calibrate \(model) --images …"
      )
    }
    let path = output ?? ExportJob.defaultOutput(for: model).dropLast(".onnx".count) + ".int8.onnx"
    guard ![model, calibration].contains(where: { $0 == path || MappedFile.areSame($0, path) })
    else {
      throw DeployError(
        .quantizeOntoSource,
        "is an input itself, which would be lost",
        at: .file(path: path),
        remedy: "give another name with --output"
      )
    }
    progress(.began(stage: "quantize", total: nil))
    let graph = try Self.network(model, table.imageSize, batch: batch)
    try checkModules(graph)
    let pass = InsertQuantization(
      ranges: table.ranges(method, scheme),
      scheme: scheme,
      keptModules: keptModules
    )
    let outcome = try PassManager([pass, RemoveDeadCode()]).run(on: graph)
    // Unsigned and signed bytes with an axis: from opset 13 on.
    try ONNXWriter.write(outcome.graph, to: path, opset: 17) { _ in }
    let share = Self.quantizedShare(outcome.graph)
    progress(.finished(summary: path))
    return QuantizeResult(
      model: model,
      output: path,
      byteCount: try MappedFile(path: path).count,
      method: method,
      scheme: scheme,
      calibrationPictures: table.pictures.count,
      quantizedShare: share,
      patches: outcome.records
    )
  }

  /// The network as it is calibrated and quantised: an export's, with activations as one operator.
  static func network(_ model: String, _ imageSize: [Int]?, batch: Int = 1) throws -> Graph {
    let (graph, _) = try ModelSource.open(model).graph(ImportOptions(imageSize: imageSize))
    let size = imageSize ?? graph.contract?.inputSize ?? [640, 640]
    let bound = try graph.bound(batch: batch, size: size)
    return try PassManager(PassCatalog.optimize.passes).run(on: bound).graph
  }

  private func checkModules(_ graph: Graph) throws {
    let modules = Set(graph.nodes.flatMap(\.provenance.modules))
    for kept in keptModules
    where !modules.contains(where: { $0 == kept || $0.hasPrefix(kept + ".") }) {
      throw DeployError(
        .quantizeUnknownModule,
        "the model has no module '\(kept)'",
        at: .option("--keep"),
        remedy: "`vitrine inspect --layers` lists the modules"
      )
    }
  }

  /// The share of the convolutions' arithmetic whose operands are bytes.
  private static func quantizedShare(_ graph: Graph) -> Double {
    var (all, bytes) = (0.0, 0.0)
    for node in graph.nodes where node.op is Conv {
      let cost = Double(graph.cost(of: node).multiplyAdds)
      all += cost
      let isQuantized = node.inputs.prefix(2).allSatisfy { id in
        id.map { graph.producer(of: $0)?.op is DequantizeLinear } ?? false
      }
      if isQuantized { bytes += cost }
    }
    return all > 0 ? bytes / all : 0
  }
}

/// What a quantisation did.
public struct QuantizeResult: Sendable, Codable {
  /// The model's path.
  public var model: String
  /// The written file's path.
  public var output: String
  /// Its size in bytes.
  public var byteCount: Int
  /// How ranges were chosen.
  public var method: CalibrationMethod
  /// How numbers became bytes.
  public var scheme: QuantizationScheme
  /// The pictures that were observed.
  public var calibrationPictures: Int
  /// The share of the convolutions' arithmetic that is in bytes, 0 ... 1.
  public var quantizedShare: Double
  /// What was changed, in order.
  public var patches: [PatchRecord]
}

extension Diagnostic.ID {
  /// A module that the model does not have.
  static let quantizeUnknownModule: Self = "quantize.unknown-module"
  /// An output that would replace what is read.
  static let quantizeOntoSource: Self = "quantize.onto-source"
}
