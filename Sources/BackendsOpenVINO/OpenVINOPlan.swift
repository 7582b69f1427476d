public import Backends
import Graphs

/// A network that OpenVINO has built. Sessions share it; it runs one of them at a time.
public struct OpenVINOPlan: Plan {
  /// What it takes and gives; its layers are known only to an observer of a run.
  public let info: PlanInfo
  let network: OpenVINONetwork
  /// What the library writes: the outputs, then tapped values that are none.
  let bindings: [Binding]
  /// Which of them have a shape that is settled before a run.
  let isFixed: [Bool]
  /// Values that an observer gets, whether they are outputs or not.
  let tappedValues: [String]
  let layerNames: LayerNames
  /// Whether layers are timed.
  let profilesLayers: Bool

  /// Allocates memory for one caller at a time.
  /// - Throws: `backend.failed`.
  public func makeSession() throws -> sending any Session {
    try OpenVINOSession(self)
  }
}
