public import Backends
import Diagnostics
public import Graphs

/// ONNX Runtime on an NVIDIA GPU, by its CUDA provider. Inputs and outputs lie in the host's memory,
/// bound once; the library copies them. Nodes that the provider does not have run on the processor, as
/// everywhere in ONNX Runtime.
public struct ONNXRuntimeCUDABackend: FileBackend {
  /// `onnxruntime-cuda`.
  public static let name = "onnxruntime-cuda"
  private var host: ONNXRuntimeBackend

  /// Creates the backend; nothing is opened yet.
  /// - Parameters:
  ///   - libraryPath: the library's file; nil searches `engines`, then the loader's path.
  ///   - engines: where `Scripts/setup onnxruntime-gpu` unpacked it.
  public init(libraryPath: String? = nil, engines: EngineFolder? = nil) {
    host = ONNXRuntimeBackend(libraryPath: libraryPath, engines: engines)
    host.device = .cuda
  }

  /// The library's own rewrites, grouped.
  public var optimizations: [EngineOptimization] { host.optimizations }

  /// Whether the library opens, has the provider, and there is a driver: found by trying.
  public func availability() -> Availability { host.availability() }

  /// Builds a plan from a graph.
  /// - Throws: `backend.unavailable`, `backend.failed`.
  public func build(
    _ graph: Graph,
    configuration: BuildConfiguration
  ) async throws -> BuildResult {
    try await host.build(graph, configuration: configuration)
  }

  /// Loads an ONNX file as it is.
  /// - Throws: `file.not-found`, `backend.unavailable`, `backend.failed`.
  public func load(
    onnxFile path: String,
    configuration: BuildConfiguration,
    contract: ModelContract?
  ) throws -> any Plan {
    try host.load(onnxFile: path, configuration: configuration, contract: contract)
  }
}
