public import Backends
import CNativeKernels
import Diagnostics
public import Graphs
import Passes
import Tensors

/// Our own engine on the processor: there on every machine, every decision open to see.
///
/// Precision is the graph's: bfloat16 values and quantised ones (QuantizeLinear, DequantizeLinear)
/// are computed as such; half precision is computed in single precision. Where
/// `executionPrecisionHint` asks for bfloat16, pictures and convolutions are cast to it first, and
/// boxes are still decoded in single precision.
///
/// Where implementations are measured, oneDNN's convolutions are among them if it is there.
public struct NativeBackend: Backend {
  /// `native`.
  public static let name = "native"

  /// Where `Scripts/setup` unpacked engines: oneDNN is looked for there, then on the loader's path.
  public var engines: EngineFolder?

  /// Creates the backend; nothing is opened yet.
  public init(engines: EngineFolder? = nil) { self.engines = engines }

  /// Always available; which instructions are used is the processor's.
  public func availability() -> Availability { .available(version: Self.isaName(isa)) }

  /// Turns the graph into programs of kernels: at once where every shape is known, else when a
  /// session meets a shape.
  /// - Throws: `backend.failed`, `backend.unknown-binding` for a tapped value that does not exist.
  public func build(
    _ graph: Graph,
    configuration: BuildConfiguration
  ) async throws -> BuildResult {
    let start = ContinuousClock.now
    let plan = try NativePlan(graph, configuration, isa: isa(configuration), engines: engines)
    return BuildResult(plan: plan, duration: ContinuousClock.now - start)
  }

  /// What the engine does to be fast, in the order in which it builds on one another.
  public var optimizations: [EngineOptimization] { Self.all }

  private static let all: [EngineOptimization] = [
    EngineOptimization(
      name: "vector-kernels",
      summary: "kernels in the widest vector instructions of the processor",
      kind: .kernels
    ),
    EngineOptimization(
      name: "fold-batch-normalization",
      summary: "a normalization becomes part of the convolution before it",
      kind: .fusion
    ),
    EngineOptimization(
      name: "fuse-silu",
      summary: "a value times its own sigmoid is one operator",
      kind: .fusion
    ),
    EngineOptimization(
      name: "fuse-convolution-activation",
      summary: "activations are applied before a convolution's result is stored",
      kind: .fusion
    ),
    EngineOptimization(
      name: "fuse-convolution-sum",
      summary: "residual sums are added before a convolution's result is stored",
      kind: .fusion
    ),
    EngineOptimization(
      name: "fuse-detect-head",
      summary: "logits become boxes in one pass",
      kind: .fusion
    ),
    EngineOptimization(
      name: "channels-last",
      summary: "values stay in the kernels' layout (NHWC) from layer to layer",
      kind: .layout
    ),
    EngineOptimization(
      name: "views",
      summary: "Concat, Split and Slice copy nothing: values are parts of one another",
      kind: .layout
    ),
    EngineOptimization(
      name: "decode-with-convolution",
      summary: "rows of logits are decoded while they are in the cache",
      kind: .layout
    ),
    EngineOptimization(
      name: "pools-in-one-pass",
      summary: "a chain of pools (SPPF) goes over some channels at a time, which stay in the cache",
      kind: .layout
    ),
    EngineOptimization(
      name: "share-memory",
      summary: "values that are never in use at the same time share memory",
      kind: .memory
    ),
    EngineOptimization(
      name: "winograd",
      summary: "3×3 convolutions with a quarter of the multiplications",
      kind: .tactics
    ),
    EngineOptimization(
      name: "integer-silu",
      summary: "SiLU between bytes in 16-bit integers instead of floats",
      kind: .kernels
    ),
    EngineOptimization(
      name: "measured-tactics",
      summary: "each convolution's implementation is the fastest of those measured",
      kind: .tactics
    ),
  ]

  private var isa: native_isa { native_best_isa() }

  private func isa(_ configuration: BuildConfiguration) -> native_isa {
    configuration.disabledOptimizations.contains("vector-kernels") ? NATIVE_PORTABLE : isa
  }

  static func isaName(_ isa: native_isa) -> String {
    switch isa {
    case NATIVE_AMX: "amx"
    case NATIVE_AVX512_BF16: "avx512-bf16"
    case NATIVE_AVX512: "avx512"
    case NATIVE_AVX2: "avx2"
    default: "portable"
    }
  }
}
