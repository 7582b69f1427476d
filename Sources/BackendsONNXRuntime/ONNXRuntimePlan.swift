public import Backends
import Graphs

/// A network that ONNX Runtime has loaded and prepared. Sessions share it.
public struct ONNXRuntimePlan: Plan {
  /// What it takes and gives; its layers are known only to an observer of a run.
  public let info: PlanInfo
  let network: ONNXRuntimeNetwork
  /// What the library writes: the outputs, then tapped values that are none.
  let bindings: [Binding]
  /// Values that an observer gets, whether they are outputs or not.
  let tappedValues: [String]
  let layerNames: LayerNames
  /// Where profiles of single runs are written; nil where nobody asked for them.
  let profileFolder: String?

  /// Allocates memory for one caller at a time.
  /// - Throws: `backend.failed`.
  public func makeSession() throws -> sending any Session {
    try ONNXRuntimeSession(self)
  }

  /// Whether the shapes of the outputs are settled before a run: those of the inputs must be.
  var writesFixedShapes: Bool { info.inputs.allSatisfy { $0.type.shape != nil } }

  /// What times the layers of one run, where the plan was built for it and the library can.
  func makeProfile() throws -> RunProfile? {
    guard let profileFolder, network.library.canProfileRuns else { return nil }
    return try RunProfile(network.library, folder: profileFolder)
  }
}
