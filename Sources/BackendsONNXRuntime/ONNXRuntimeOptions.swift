import Backends
import CONNXRuntime

/// The settings of one network, as ONNX Runtime takes them.
struct ONNXRuntimeOptions {
  var threadCount: Int?
  var optimization = BuildConfiguration.OptimizationLevel.all
  /// Names of ``ONNXRuntimeOptimizers`` to leave out.
  var disabledOptimizations: Set<String> = []
  /// Whether idle threads wait for work in a loop, which is faster and burns the processor.
  var spins = true
  /// Whether the network runs on a GPU.
  var usesCUDA = false

  /// Creates the library's own object, which the caller releases.
  /// - Throws: `backend.failed`.
  func make(_ library: ONNXRuntimeLibrary) throws -> OpaquePointer {
    let (table, call) = (library.table, library.call)
    let options = try call.create("options") { vtOrtCreateSessionOptions(table, &$0) }
    do {
      try call.check("set the log level", vtOrtSetLogSeverity(table, options, Self.fatalOnly))
      try call.check("set the mode", vtOrtSetExecutionMode(table, options, 0))
      try call.check("set threads", vtOrtSetInterOpThreads(table, options, 1))
      let threads = Int32(clamping: max(0, threadCount ?? 0))
      try call.check("set threads", vtOrtSetIntraOpThreads(table, options, threads))
      try call.check("set the level", vtOrtSetOptimization(table, options, level))
      try call.check(
        "set spinning",
        vtOrtAddConfigEntry(table, options, "session.intra_op.allow_spinning", spins ? "1" : "0")
      )
      let disabled = ONNXRuntimeOptimizers.disabled(disabledOptimizations)
      if !disabled.isEmpty {
        let key = "optimization.disable_specified_optimizers"
        try call.check("leave out rewrites", vtOrtAddConfigEntry(table, options, key, disabled))
      }
      if usesCUDA { try CUDAProvider.append(to: options, library) }
    } catch {
      vtOrtReleaseSessionOptions(table, options)
      throw error
    }
    return options
  }

  /// Severity 4: errors arrive as values, warnings about a graph are no news to its user.
  private static let fatalOnly: Int32 = 4

  private var level: Int32 {
    switch optimization {
    case .none: 0
    case .basic: 1
    case .extended: 2
    case .all: 99
    }
  }
}
