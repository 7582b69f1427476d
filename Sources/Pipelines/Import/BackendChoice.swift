public import Backends
import BackendsNative
import BackendsONNXRuntime
import BackendsOpenVINO
import BackendsTensorRT
import Diagnostics
public import Tensors

/// Which backend runs a network, and how.
public struct BackendChoice: Sendable {
  /// The backend's name.
  public var name: String
  /// Threads inside one run; nil leaves the choice to the backend.
  public var threadCount: Int?
  /// What the backend may compute float32 parts in; see `BuildConfiguration`.
  public var executionPrecisionHint: ScalarType?
  /// Whether float32 parts are computed in bfloat16, by a backend that can.
  public var computesInBFloat16: Bool {
    get { executionPrecisionHint == .bfloat16 }
    set { executionPrecisionHint = newValue ? .bfloat16 : nil }
  }
  /// The backends that compute float32 parts in bfloat16 where they are asked to.
  public static let bfloat16Backends = ["native", "openvino"]
  /// Whether letterbox and suppression are done on the GPU, where the network runs there.
  public var gpuProcessing = GPUProcessing.automatic
  /// Whether runs on a GPU are recorded as CUDA graphs.
  public var recordsRuns = true
  /// The folder where `Scripts/setup` keeps engines; nil searches the loader's path only.
  public var cache: String?

  /// Creates a choice.
  public init(_ name: String = "native", threadCount: Int? = nil, cache: String? = nil) {
    self.name = name
    self.threadCount = threadCount
    self.cache = cache
  }

  /// Every backend of this build.
  var catalog: BackendCatalog {
    let engines = cache.map { EngineFolder($0 + "/engines") }
    return BackendCatalog([
      NativeBackend(engines: engines), ONNXRuntimeBackend(engines: engines),
      OpenVINOBackend(engines: engines), ONNXRuntimeCUDABackend(engines: engines),
      TensorRTBackend(engines: engines), TensorRTForRTXBackend(engines: engines),
      ReferenceBackend(),
    ])
  }

  /// The backends whose plans can be kept in files.
  var planBackends: [any PlanFileBackend] { catalog.all.compactMap { $0 as? any PlanFileBackend } }

  /// The backend, found to be available.
  /// - Throws: `backend.unknown`, `backend.unavailable`.
  package func open() throws -> any Backend {
    let backend = try catalog.backend(named: name)
    if case .unavailable(let reason) = backend.availability() {
      throw DeployError(
        .backendUnavailable,
        reason.message,
        at: reason.location,
        remedy: reason.remedy
      )
    }
    return backend
  }

  /// How to build for this choice.
  package var configuration: BuildConfiguration {
    var configuration = BuildConfiguration()
    configuration.threadCount = threadCount
    configuration.executionPrecisionHint = executionPrecisionHint
    configuration.gpuProcessing = gpuProcessing
    configuration.recordsRuns = recordsRuns
    return configuration
  }
}
