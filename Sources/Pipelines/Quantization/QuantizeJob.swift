import Diagnostics
import Files
import Formats
package import Graphs
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
  /// How ranges are chosen; nil takes the recipe's, or `lp`.
  public var method: CalibrationMethod?
  /// The engine that the file is for.
  public var target = QuantizationTarget.native
  /// How numbers become bytes; nil takes the target's.
  public var scheme: QuantizationScheme?
  /// Whether biases take back what the weights' rounding does on average.
  public var correctsBiases = true
  /// Module paths that stay as they are.
  public var keptModules: [String] = []
  /// A recipe to follow.
  public var recipe: String?
  /// Where the recipe goes.
  public var savedRecipe: String?
  /// How much AP may be lost: layers are kept in float until no more is. Needs ``sensitivity``.
  public var targetDrop: Double?
  /// How layers are looked at for ``targetDrop``: pictures, and where unfinished work is kept.
  public var sensitivity: SensitivityJob?
  /// Pictures per run of the written network.
  public var batch = 1

  /// Creates a job.
  public init(model: String, calibration: String) {
    self.model = model
    self.calibration = calibration
  }

  /// Quantises and writes.
  /// - Throws: `calibration.other-model`, `quantize.unknown-module`, `quantize.onto-source`,
  ///   `quantize.target-not-reached`, and what reading, measuring and writing throw.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> QuantizeResult {
    let source = try QuantizationSource(calibration, model: model)
    let path = output ?? ExportJob.defaultOutput(for: model).dropLast(".onnx".count) + ".int8.onnx"
    let inputs = [model, calibration] + (recipe.map { [$0] } ?? [])
    for file in [path] + (savedRecipe.map { [$0] } ?? [])
    where inputs.contains(where: { $0 == file || MappedFile.areSame($0, file) }) {
      throw DeployError(
        .quantizeOntoSource,
        "is an input itself, which would be lost",
        at: .file(path: file),
        remedy: "give another name with --output"
      )
    }
    let graph = try Self.network(model, source.imageSize, batch: batch)
    try source.check(graph)
    var recipe = try startingRecipe()
    try checkModules(graph, recipe.keptModules)
    let found = try await search(recipe, progress)
    if let found, let chosen = found.chosen { recipe.keptLayers = found.plans[chosen].kept }
    progress(.began(stage: "quantize", total: nil))
    let scheme = scheme ?? target.scheme
    var pass = InsertQuantization(
      ranges: source.ranges(recipe.method, scheme),
      scheme: scheme,
      keptModules: recipe.keptModules
    )
    pass.keptNodes = Set(recipe.keptLayers)
    pass.quantizesResults = target.quantizesResults
    if recipe.correctsBiases { pass.means = source.means }
    let outcome = try PassManager([pass, RemoveDeadCode()]).run(on: graph)
    // Unsigned and signed bytes with an axis: from opset 13 on.
    try ONNXWriter.write(outcome.graph, to: path, opset: 17) { _ in }
    if let savedRecipe { try recipe.write(to: savedRecipe) }
    progress(.finished(summary: path))
    return QuantizeResult(
      model: model,
      output: path,
      byteCount: try MappedFile(path: path).count,
      method: recipe.method,
      scheme: scheme,
      target: target,
      calibrationPictures: source.pictureCount,
      quantizedShare: Self.quantizedShare(outcome.graph),
      keptLayers: recipe.keptLayers,
      sensitivity: found,
      patches: outcome.records
    )
  }

  private func startingRecipe() throws -> QuantizationRecipe {
    let digest = try SHA256.hex(ofFile: model)
    var recipe =
      try recipe.map { try QuantizationRecipe.read($0, modelDigest: digest) }
      ?? QuantizationRecipe(
        modelDigest: digest,
        method: .lp,
        correctsBiases: correctsBiases,
        keptLayers: [],
        keptModules: []
      )
    if let method { recipe.method = method }
    recipe.keptModules += keptModules.filter { !recipe.keptModules.contains($0) }
    return recipe
  }

  /// The layers to keep for ``targetDrop``.
  private func search(
    _ recipe: QuantizationRecipe,
    _ progress: @escaping ProgressHandler
  ) async throws -> SensitivityRecord? {
    guard let targetDrop, var job = sensitivity else { return nil }
    job.model = model
    job.calibration = calibration
    job.method = recipe.method
    job.scheme = scheme ?? target.scheme
    job.budget = targetDrop
    job.correctsBiases = recipe.correctsBiases
    let record = try await job.run(progress: progress)
    guard record.chosen != nil else {
      throw DeployError(
        .quantizeTargetNotReached,
        "no plan loses at most \(targetDrop) of AP, not even with every layer in float",
        at: .option("--target-map-drop"),
        remedy: "allow more, or measure on more pictures"
      )
    }
    return record
  }

  /// The network as it is calibrated and quantised: an export's, with activations as one operator.
  package static func network(_ model: String, _ imageSize: [Int]?, batch: Int = 1) throws -> Graph
  {
    let (graph, _) = try ModelSource.open(model).graph(ImportOptions(imageSize: imageSize))
    let size = imageSize ?? graph.contract?.inputSize ?? [640, 640]
    let bound = try graph.bound(batch: batch, size: size)
    return try PassManager(PassCatalog.optimize.passes).run(on: bound).graph
  }

  private func checkModules(_ graph: Graph, _ keptModules: [String]) throws {
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
  static func quantizedShare(_ graph: Graph) -> Double {
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
  /// The engine that the file is for.
  public var target: QuantizationTarget
  /// The pictures that were observed; nil where the file does not say.
  public var calibrationPictures: Int?
  /// The share of the convolutions' arithmetic that is in bytes, 0 ... 1.
  public var quantizedShare: Double
  /// The convolutions that stay in float.
  public var keptLayers: [String]
  /// What was measured to choose them.
  public var sensitivity: SensitivityRecord?
  /// What was changed, in order.
  public var patches: [PatchRecord]
}

extension Diagnostic.ID {
  /// A module that the model does not have.
  static let quantizeUnknownModule: Self = "quantize.unknown-module"
  /// A loss of accuracy that no plan stays below.
  static let quantizeTargetNotReached: Self = "quantize.target-not-reached"
  /// An output that would replace what is read.
  static let quantizeOntoSource: Self = "quantize.onto-source"
}
