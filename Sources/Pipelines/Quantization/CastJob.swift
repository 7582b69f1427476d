import Backends
import Detectors
import Diagnostics
import Files
import Formats
import Graphs
import Images
import Metrics
import Models
import Passes
import Tensors

/// A model and pictures → an ONNX file in float16, of which whatever float16 cannot hold is exempted.
///
/// Every value is observed on the pictures. One that comes near the greatest number of float16 (half of
/// 65504) is named, and the nodes that write or read it stay in single precision. bfloat16 needs no such
/// file: it has single precision's range, and backends that have it are asked for it (`--precision bf16`).
public struct CastJob: Sendable {
  /// A checkpoint or an ONNX file.
  public var model: String
  /// The file to write; by default the model's name with `.fp16.onnx`.
  public var output: String?
  /// Pictures, folders or globs.
  public var sources: [String]
  /// At most this many pictures, taken evenly from all.
  public var sampleCount = 8
  /// Whether inputs and outputs become 16 bits, too.
  public var castsInterface = false
  /// Height and width in pixels; nil takes the model's.
  public var imageSize: [Int]?

  /// Creates a job.
  public init(model: String, sources: [String]) {
    self.model = model
    self.sources = sources
  }

  /// Magnitudes up to this one are trusted to float16.
  static let limit: Float = 65504 / 2

  /// Observes, casts and writes.
  /// - Throws: `calibration.not-finite`, `quantize.onto-source`, and what reading, running and writing
  ///   throw.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> CastResult {
    let path = output ?? ExportJob.defaultOutput(for: model).dropLast(".onnx".count) + ".fp16.onnx"
    guard path != model, !MappedFile.areSame(path, model) else {
      throw DeployError(
        .quantizeOntoSource,
        "is an input itself, which would be lost",
        at: .file(path: path),
        remedy: "give another name with --output"
      )
    }
    let (opened, _) = try ModelSource.open(model).graph(ImportOptions(imageSize: imageSize))
    let size = imageSize ?? opened.contract?.inputSize ?? [640, 640]
    let bound = try opened.bound(batch: 1, size: size)
    let graph = try PassManager(PassCatalog.export.passes).run(on: bound).graph
    let ranges = try await observe(graph, progress)
    let large = ranges.filter { $0.greatest > Self.limit }
    let names = Set(large.map(\.value))
    let kept = graph.nodes.filter { node in
      (node.inputs.compactMap { $0 } + node.outputs).contains { names.contains(graph[$0].name) }
    }
    progress(.began(stage: "cast", total: nil))
    var pass = CastToHalf(castsInterface: castsInterface)
    pass.keptNodes = Set(kept.map(\.name))
    let outcome = try PassManager([pass]).run(on: graph)
    try ONNXWriter.write(outcome.graph, to: path, opset: 17) { _ in }
    progress(.finished(summary: path))
    return CastResult(
      output: path,
      byteCount: try MappedFile(path: path).count,
      limit: Self.limit,
      largest: Array(ranges.sorted { $0.greatest > $1.greatest }.prefix(10)),
      exempted: kept.map(\.name)
    )
  }

  /// The greatest magnitude of every value.
  private func observe(
    _ graph: Graph,
    _ progress: @escaping ProgressHandler
  ) async throws -> [CastResult.Range] {
    let all = try ImageSource.paths(sources)
    let limit = min(max(1, sampleCount), all.count)
    let paths = (0..<limit).map { all[$0 * all.count / limit] }
    progress(.began(stage: "observe", total: paths.count))
    let values = (graph.inputs + graph.nodes.flatMap(\.outputs)).filter {
      graph[$0].type.scalarType == .float32 && graph[$0].constant == nil
    }.map { graph[$0].name }
    var configuration = BackendChoice().configuration
    configuration.tappedValues = values
    let plan = try await BackendChoice().open().build(graph, configuration: configuration).plan
    var options = Detector.Options()
    options.fit = .square
    let session = try Detector(plan: plan, contract: graph.contract, options: options).makeSession()
    let observer = MagnitudeObserver()
    let reader = ImageReader()
    var image = Image(width: 0, height: 0)
    for (index, path) in paths.enumerated() {
      try Task.checkCancellation()
      try reader.read(path, into: &image)
      _ = try session.detect(image, observer: observer)
      progress(.advanced(index + 1))
    }
    if let strange = observer.greatest.first(where: { !$0.value.isFinite }) {
      throw DeployError(
        .calibrationNotFinite,
        "value '\(strange.key)' has elements that are no numbers in single precision already",
        remedy: "check the model with `vitrine check`: its float32 results are not usable"
      )
    }
    progress(.finished(summary: counted(values.count, "value")))
    return values.compactMap { name in
      observer.greatest[name].map { CastResult.Range(value: name, greatest: $0) }
    }
  }
}

/// Keeps the greatest magnitude of tapped values.
private final class MagnitudeObserver: SessionObserver {
  private(set) var greatest: [String: Float] = [:]

  func session(_ session: any Session, didProduce value: String, _ tensor: Tensor) {
    // A tensor of another type is nothing that would be cast.
    try? tensor.withScalars(of: Float.self) { elements in
      greatest[value] = ElementStatistics.magnitude(elements, greatest[value] ?? 0)
    }
  }
}

/// What a cast did.
public struct CastResult: Sendable, Codable {
  /// One value's greatest magnitude.
  public struct Range: Sendable, Codable {
    /// The value.
    public var value: String
    /// The greatest magnitude of its elements.
    public var greatest: Float
  }

  /// The written file's path.
  public var output: String
  /// Its size in bytes.
  public var byteCount: Int
  /// Magnitudes above this one are not trusted to float16.
  public var limit: Float
  /// The largest values, the largest first.
  public var largest: [Range]
  /// The nodes that stayed in single precision because of them.
  public var exempted: [String]
}
