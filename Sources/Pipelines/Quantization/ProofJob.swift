import Backends
import Diagnostics
import Graphs
public import Metrics
import Models
import Passes
public import Reports

/// A model on a backend → in which precision each layer really ran.
public struct ProofJob: Sendable {
  /// An ONNX file or a checkpoint.
  public var model: String
  /// What runs it.
  public var backend = BackendChoice()
  /// Height and width of the input in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// The share of the operations that must run in 8 bits where any is asked for.
  public var requiredShare = 0.95
  /// TensorRT's layer information of an engine that was built from the model (`trtexec
  /// --exportLayerInfo`): read instead of running anything.
  public var layerInformation: String?
  /// Observed runs.
  public var runCount = 5

  /// Creates a job.
  public init(model: String) { self.model = model }

  /// Builds, runs and reads what ran; or reads what TensorRT says that it would run.
  /// - Throws: what reading, building and running throw; `profile.no-layers`, `tensorrt.malformed`.
  public func run(progress: ProgressHandler = { _ in }) async throws -> PrecisionProof {
    let result = try await profile(progress)
    let opened = try ModelSource.open(model).anyGraph(ImportOptions(imageSize: imageSize))
    let size = imageSize ?? opened.graph.contract?.inputSize ?? [640, 640]
    let bound = try opened.graph.bound(batch: 1, size: size)
    let graph = try PassManager(PassCatalog.export.passes).run(on: bound).graph
    return PrecisionProof(result.profile, of: graph, requiredShare: requiredShare)
  }

  private func profile(_ progress: ProgressHandler) async throws -> ProfileResult {
    if let layerInformation {
      return try TensorRTProfileJob(layers: layerInformation, model: model).run()
    }
    var job = ProfileJob(model: model)
    job.backend = backend
    job.imageSize = imageSize
    job.runCount = runCount
    job.warmUpCount = 1
    job.measuresPeaks = false
    return try await job.run(progress: progress)
  }

  /// The proof as a document for reports; it has a check that fails where the proof does.
  public func report(_ proof: PrecisionProof) throws -> Report {
    var record = QuantizationRecord()
    record.proof = proof
    return try Report.of(record, "prove", model: model, imageSize: imageSize, backend)
  }
}
