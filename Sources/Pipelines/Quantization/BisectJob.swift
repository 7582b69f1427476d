import Backends
import Detectors
import Diagnostics
import Formats
import Graphs
import Images
public import Metrics
import Models
import Passes
public import Reports
import Tensors

/// A float network and its quantised form → the picture and the box where the latter goes wrong most,
/// and the layer that is to blame.
///
/// The box's error is 1 less IoU · (1 less the difference of the confidences) against the float network's
/// box, or the confidence of a box that the float network does not find; the box with the greatest product
/// of error and confidence is looked into. Layers are put back to float from the input on, and by halving
/// the first is found after which the error is less than half; then each layer is put back alone.
public struct BisectJob: Sendable {
  /// The float network: a checkpoint or an ONNX file.
  public var reference: String
  /// Its quantised form: an ONNX file with QuantizeLinear and DequantizeLinear.
  public var model: String
  /// Pictures, folders or globs.
  public var sources: [String]
  /// At most this many pictures, taken evenly from all.
  public var sampleCount = 64
  /// What runs the networks.
  public var backend = BackendChoice()
  /// Errors from which on a picture counts as wrong, 0 ... 1.
  public var threshold = 0.3

  /// Creates a job.
  public init(reference: String, model: String, sources: [String]) {
    self.reference = reference
    self.model = model
    self.sources = sources
  }

  /// Searches, and puts the result into a report.
  /// - Throws: as ``run(progress:)``.
  public func report(progress: @escaping ProgressHandler = { _ in }) async throws -> Report {
    var record = QuantizationRecord()
    record.bisection = try await run(progress: progress)
    return try Report.of(record, "bisect", model: model, backend)
  }

  /// Searches.
  /// - Throws: `bisect.not-quantized`, and what reading, building and running throw.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> Bisection {
    progress(.began(stage: "load", total: nil))
    let (quantized, _) = try ModelSource.open(model).graph(ImportOptions())
    let layers = RestoreFloat.quantizedConvolutions(quantized)
    guard !layers.isEmpty else {
      throw DeployError(
        .bisectNotQuantized,
        "no convolution computes in 8 bits",
        at: .file(path: model),
        remedy: "give the float network first and the file of `vitrine quantize` second"
      )
    }
    let size = quantized.inputs.first.flatMap { quantized[$0].type.shape?.dimensions.suffix(2) }
    let float = try QuantizeJob.network(reference, size.map { Array($0) })
    let all = try ImageSource.paths(sources)
    let limit = min(sampleCount, all.count)
    let paths = (0..<limit).map { all[$0 * all.count / limit] }
    progress(.finished(summary: counted(layers.count, "layer")))
    let before = try await Finder(float, backend, float.contract)
    let after = try await Finder(quantized, backend, float.contract ?? quantized.contract)
    progress(.began(stage: "compare", total: paths.count))
    var wrongCount = 0
    var worst: (path: String, target: Target, weight: Double)?
    for (index, path) in paths.enumerated() {
      try Task.checkCancellation()
      let targets = Target.all(try before.find(path), try after.find(path))
      if targets.contains(where: { $0.error > threshold }) { wrongCount += 1 }
      if let first = targets.max(by: { $0.weight < $1.weight }), first.weight > worst?.weight ?? 0 {
        worst = (path, first, first.weight)
      }
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(wrongCount) of \(counted(paths.count, "picture")) wrong"))
    var result = Bisection(
      reference: String(reference.split(separator: "/").last ?? ""),
      model: String(model.split(separator: "/").last ?? ""),
      pictureCount: paths.count,
      wrongPictureCount: wrongCount
    )
    guard let worst else { return result }
    result.picture = worst.path
    result.expected = worst.target.expected
    result.found = worst.target.found
    result.error = worst.target.error
    let search = Search(
      quantized: quantized,
      layers: layers,
      weights: weights(float, layers),
      contract: float.contract ?? quantized.contract,
      backend: backend,
      path: worst.path,
      target: worst.target
    )
    try await search.run(&result, progress)
    return result
  }

  /// The float network's weights of the layers, by name.
  private func weights(_ graph: Graph, _ layers: [Node]) -> [String: Tensor] {
    let names = Set(layers.map(\.name))
    var weights: [String: Tensor] = [:]
    for node in graph.nodes where names.contains(node.name) && node.op is Conv {
      weights[node.name] = node.inputs[1].flatMap { graph[$0].constant }
    }
    return weights
  }
}

/// A network that finds boxes in pictures, one after the other.
private struct Finder {
  private let session: DetectionSession
  private let reader = ImageReader()

  init(_ graph: Graph, _ backend: BackendChoice, _ contract: ModelContract?) async throws {
    let engine = try backend.open()
    let passes = PassCatalog.export.passes
    let built = try PassManager(passes).run(on: graph).graph
    let plan = try await engine.build(built, configuration: backend.configuration).plan
    var options = Detector.Options()
    options.fit = .square
    session = try Detector(plan: plan, contract: contract, options: options).makeSession()
  }

  func find(_ path: String) throws -> [Detection] {
    var image = Image(width: 0, height: 0)
    try reader.read(path, into: &image)
    return try session.detect(image).detections
  }
}

/// A box that is looked into.
private struct Target {
  var expected: Detection?
  var found: Detection?
  var error: Double

  /// How much it matters.
  var weight: Double { error * Double((expected ?? found)?.confidence ?? 0) }

  static func all(_ before: [Detection], _ after: [Detection]) -> [Target] {
    let comparison = DetectionComparison(after, with: before)
    let pairs = comparison.pairs.map {
      Target(
        expected: $0.expected,
        found: $0.actual,
        error: 1 - $0.iou * (1 - abs($0.scoreDifference))
      )
    }
    return pairs + comparison.missing.map { Target(expected: $0, found: nil, error: 1) }
      + comparison.extra.map { Target(expected: nil, found: $0, error: Double($0.confidence)) }
  }

  /// How wrong other detections are in this place.
  func error(of detections: [Detection]) -> Double {
    guard let wanted = expected ?? found else { return 0 }
    let pair = DetectionComparison(detections, with: [wanted]).pairs.first
    guard expected != nil else { return pair.map { Double($0.actual.confidence) * $0.iou } ?? 0 }
    return pair.map { 1 - $0.iou * (1 - abs($0.scoreDifference)) } ?? 1
  }
}

/// Networks of which more or fewer layers are put back to float, on one picture.
private struct Search {
  let quantized: Graph
  let layers: [Node]
  let weights: [String: Tensor]
  let contract: ModelContract?
  let backend: BackendChoice
  let path: String
  let target: Target

  func run(_ result: inout Bisection, _ progress: ProgressHandler) async throws {
    progress(.began(stage: "bisect", total: layers.count))
    var (wrong, right) = (0, layers.count)
    let all = try await error(restoring: layers[...])
    if all < target.error / 2 {
      while right - wrong > 1 {
        try Task.checkCancellation()
        let middle = (wrong + right) / 2
        if try await error(restoring: layers[..<middle]) < target.error / 2 {
          right = middle
        } else {
          wrong = middle
        }
      }
      let node = layers[right - 1]
      result.layer = suspect(node, try await error(restoring: layers[..<right]))
    }
    for (index, node) in layers.enumerated() {
      try Task.checkCancellation()
      result.suspects.append(suspect(node, try await error(restoring: [node])))
      progress(.advanced(index + 1))
    }
    result.suspects.sort { ($0.error, $0.name) < ($1.error, $1.name) }
    progress(.finished(summary: result.layer?.module ?? "no single layer"))
  }

  private func suspect(_ node: Node, _ error: Double) -> Bisection.Suspect {
    Bisection.Suspect(
      name: node.name,
      module: node.provenance.modules.first ?? node.name,
      error: error
    )
  }

  private func error(restoring nodes: ArraySlice<Node>) async throws -> Double {
    let pass = RestoreFloat(nodes: Set(nodes.map(\.name)), weights: weights)
    let graph = try PassManager([pass]).run(on: quantized).graph
    return target.error(of: try await Finder(graph, backend, contract).find(path))
  }
}

extension Diagnostic.ID {
  /// A file without 8 bits.
  static let bisectNotQuantized: Self = "bisect.not-quantized"
}
