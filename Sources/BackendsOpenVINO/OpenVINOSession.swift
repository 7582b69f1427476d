import Backends
import COpenVINO
import Diagnostics
import Graphs
import Synchronization
import Tensors

/// One caller's memory, bound once: inputs are read where the caller wrote them, outputs of
/// known shape are written where the caller reads them, others stay where the library put them.
final class OpenVINOSession: Session {
  let outputNames: [String]

  private let plan: OpenVINOPlan
  private let library: OpenVINOLibrary
  private let request: OpaquePointer
  private var inputs: [String: OpenVINOMemory] = [:]
  /// Outputs of known shape, bound for good.
  private var fixedOutputs: [String: OpenVINOMemory] = [:]
  /// Where the last run put the other outputs.
  private var freshOutputs: [String: TensorBuffer] = [:]
  private var timer = OpenVINOLayerTimer()
  private var hasRun = false

  init(_ plan: OpenVINOPlan) throws {
    self.plan = plan
    let library = plan.network.library
    self.library = library
    request = try library.call.create("session") {
      vtOvCreateRequest(library.table, plan.network.pointer, &$0)
    }
    outputNames = plan.info.outputs.map(\.name)
    for (index, output) in plan.bindings.enumerated() where plan.isFixed[index] {
      guard let shape = output.type.shape else { continue }
      let memory = try OpenVINOMemory(shape, output.type.scalarType, library)
      let status = vtOvSetTensor(library.table, request, 1, index, memory.tensor)
      try library.call.check("bind output '\(output.name)'", status)
      fixedOutputs[output.name] = memory
    }
  }

  deinit {
    freshOutputs = [:]
    vtOvFreeRequest(library.table, request)
  }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    if let bound = inputs[name], bound.buffer.shape == shape { return bound.buffer }
    let type = try plan.info.inputType(name, accepting: shape)
    guard let index = plan.info.inputs.firstIndex(where: { $0.name == name }) else {
      throw DeployError(.backendUnknownBinding, "no input is called '\(name)'")
    }
    let memory = try OpenVINOMemory(shape, type.scalarType, library)
    let status = vtOvSetTensor(library.table, request, 0, index, memory.tensor)
    try library.call.check("bind input '\(name)'", status)
    inputs[name] = memory
    return memory.buffer
  }

  func run(observer: (any SessionObserver)?) throws {
    if let missing = plan.info.inputs.first(where: { inputs[$0.name] == nil }) {
      throw PlanInfo.unbound(missing)
    }
    hasRun = false
    freshOutputs = [:]
    if observer != nil, plan.profilesLayers { try timer.begin(plan.network, request) }
    let start = ContinuousClock.now
    plan.network.runCount.add(1, ordering: .relaxed)
    try library.call.check("run the network", vtOvRun(library.table, request))
    let duration = ContinuousClock.now - start
    try collectOutputs()
    hasRun = true
    if let observer { try report(duration, to: observer) }
  }

  func output(_ name: String) throws -> TensorBuffer {
    guard outputNames.contains(name) else { throw plan.info.noOutput(name) }
    return try written(name)
  }

  /// An output or tapped value of the last run.
  private func written(_ name: String) throws -> TensorBuffer {
    guard hasRun, let buffer = fixedOutputs[name]?.buffer ?? freshOutputs[name] else {
      throw plan.info.noOutput(name)
    }
    return buffer
  }

  private func report(_ duration: Duration, to observer: any SessionObserver) throws {
    if plan.profilesLayers {
      for layer in try timer.end(plan.network, request) {
        let provenance = plan.layerNames.provenance(of: layer.name)
        let info = LayerInfo(name: layer.name, tactic: layer.tactic, provenance: provenance)
        observer.session(self, didRun: info, in: layer.duration)
      }
    }
    observer.session(self, didFinish: .compute, in: duration)
    for name in plan.tappedValues {
      observer.session(self, didProduce: name, try written(name).tensor())
    }
  }

  /// Wraps what the run allocated; nothing is copied.
  private func collectOutputs() throws {
    for (index, output) in plan.bindings.enumerated() where fixedOutputs[output.name] == nil {
      let tensor = try library.call.create("output") {
        vtOvOutput(library.table, request, index, &$0)
      }
      freshOutputs[output.name] = try OpenVINOResult(tensor, library).buffer(named: output.name)
    }
  }
}
