public import Backends
import Graphs

/// A network that ONNX Runtime has loaded and prepared. Sessions share it.
public struct ONNXRuntimePlan: Plan {
  /// What it takes, gives and runs.
  public let info: PlanInfo
  let network: ONNXRuntimeNetwork
  /// Outputs that exist only because their values were asked for.
  let tappedValues: [String]
  let layerNames: ONNXRuntimeLayerNames

  /// Allocates memory for one caller at a time.
  /// - Throws: `backend.failed`.
  public func makeSession() throws -> sending any Session {
    try ONNXRuntimeSession(self)
  }

  /// Whether the shapes of the outputs are settled before a run: those of the inputs must be.
  var writesFixedShapes: Bool { info.inputs.allSatisfy { $0.type.shape != nil } }
}
