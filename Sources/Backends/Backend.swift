public import Diagnostics
public import Graphs
public import Tensors

/// Turns a graph into a plan. Stateless, so one value serves the whole process.
public protocol Backend: Sendable {
  /// The name that users type: `reference`, `onnxruntime`.
  static var name: String { get }
  /// Whether plans can be built here, found by really opening what the backend needs.
  func availability() -> Availability
  /// Builds a plan. Cancelling the task stops the build at the next layer.
  /// - Throws: `backend.unavailable`, or what the engine says, wrapped.
  func build(_ graph: Graph, configuration: BuildConfiguration) async throws -> BuildResult
  /// What the engine does to make a graph faster and can leave out, in the order in which it
  /// builds on one another.
  var optimizations: [EngineOptimization] { get }
}

extension Backend {
  /// None that can be left out.
  public var optimizations: [EngineOptimization] { [] }
}

/// A backend that reads ONNX files itself, so that a file can be run as it is, not as this
/// program would write it again.
public protocol FileBackend: Backend {
  /// Loads an ONNX file; the contract goes into the plan as it is given.
  /// - Throws: `file.not-found`, `backend.unavailable`, `backend.failed`.
  func load(
    onnxFile path: String,
    configuration: BuildConfiguration,
    contract: ModelContract?
  ) throws -> any Plan
}

/// Whether a backend can be used on this machine.
public enum Availability: Sendable {
  /// With the version found, such as `1.32.0`.
  case available(version: String)
  /// With what is missing and how to get it.
  case unavailable(Diagnostic)
}

/// How to build. Precision is absent on purpose: it is a property of the graph.
public struct BuildConfiguration: Sendable {
  /// How far an engine may rewrite the graph itself.
  public enum OptimizationLevel: String, Sendable, Hashable, Codable, CaseIterable {
    case none
    case basic
    case extended
    case all
  }
  /// Threads inside one run; nil leaves the choice to the backend.
  public var threadCount: Int?
  /// How far the engine may rewrite the graph.
  public var optimization = OptimizationLevel.all
  /// Names of the backend's ``Backend/optimizations`` to leave out.
  public var disabledOptimizations: Set<String> = []
  /// What an engine may compute the graph's float32 parts in; nil: float32, as the graph says.
  ///
  /// The exception to the rule above, for what graphs cannot say to an engine: ONNX has no
  /// convolution in bfloat16 before opset 22. OpenVINO follows it (bfloat16, float16), the other
  /// backends ignore it.
  public var executionPrecisionHint: ScalarType?
  /// How long implementations are measured before one is chosen: 1 (quickly) to 5; nil: not at all,
  /// they are chosen by rule. For backends that have several.
  public var tuningLevel: Int?
  /// Whether sessions must be able to time their layers, which may cost speed.
  public var profilesLayers = false
  /// Values to be readable after a run beside the outputs, by name.
  public var tappedValues: [String] = []
  /// Whether letterbox and suppression are done on the GPU, by backends that run there.
  public var gpuProcessing = GPUProcessing.automatic
  /// Whether runs are recorded as CUDA graphs and launched as a whole, by backends that can.
  public var recordsRuns = true
  /// Creates the default configuration.
  public init() {}
}

/// Whether letterbox and suppression are done on the GPU.
public enum GPUProcessing: String, Sendable, Hashable, Codable, CaseIterable {
  /// Required: where the kernels cannot be had, that is an error. What they do not do (pictures
  /// scaled by area, raw heads, masks, too many candidates) stays on the processor.
  case on
  /// Never.
  case off
  /// Where it can be done; otherwise on the processor, with a note that says why.
  case automatic = "auto"
}

/// What a build leaves behind.
public struct BuildResult: Sendable {
  /// The plan.
  public let plan: any Plan
  /// Warnings and notes: fallbacks taken, layers left unfused.
  public let diagnostics: [Diagnostic]
  /// The time that the build took.
  public let duration: Duration
  /// Creates a result.
  public init(plan: any Plan, diagnostics: [Diagnostic] = [], duration: Duration) {
    self.plan = plan
    self.diagnostics = diagnostics
    self.duration = duration
  }
}

extension Diagnostic.ID {
  /// A backend that cannot be used on this machine (exit code 69).
  public static let backendUnavailable: Self = "backend.unavailable"
  /// A name that no backend has.
  public static let backendUnknown: Self = "backend.unknown"
  /// An input that the plan does not have, or one that is missing.
  public static let backendUnknownBinding: Self = "backend.unknown-binding"
  /// An input whose shape or type the plan does not accept.
  public static let backendShapeMismatch: Self = "backend.shape-mismatch"
  /// The engine refused the graph or failed while running it.
  public static let backendFailed: Self = "backend.failed"
}
