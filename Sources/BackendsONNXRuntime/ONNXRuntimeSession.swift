import Backends
import CONNXRuntime
import Diagnostics
import Graphs
import Tensors

/// One caller's memory, bound once: inputs are read where the caller wrote them, outputs of
/// known shape are written where the caller reads them, others stay where the library put them.
final class ONNXRuntimeSession: Session {
  let outputNames: [String]

  private let plan: ONNXRuntimePlan
  private let library: ONNXRuntimeLibrary
  private let binding: OpaquePointer
  private var inputs: [String: BoundMemory] = [:]
  /// Outputs of known shape, bound for good.
  private var fixedOutputs: [String: BoundMemory] = [:]
  /// Where the last run put the other outputs.
  private var freshOutputs: [String: TensorBuffer] = [:]
  private var hasRun = false

  init(_ plan: ONNXRuntimePlan) throws {
    self.plan = plan
    library = plan.network.library
    let (table, network) = (library.table, plan.network.pointer)
    binding = try library.call.create("binding") { vtOrtCreateBinding(table, network, &$0) }
    outputNames = plan.info.outputs.map(\.name)
    for output in plan.bindings where plan.writesFixedShapes {
      guard let shape = output.type.shape else { continue }
      fixedOutputs[output.name] = try BoundMemory(shape, output.type.scalarType, library)
    }
  }

  deinit {
    freshOutputs = [:]
    vtOrtReleaseBinding(library.table, binding)
  }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    if let bound = inputs[name], bound.buffer.shape == shape { return bound.buffer }
    let type = try plan.info.inputType(name, accepting: shape)
    let bound = try BoundMemory(shape, type.scalarType, library)
    let status = vtOrtBindInput(library.table, binding, name, bound.value)
    try library.call.check("bind input '\(name)'", status)
    inputs[name] = bound
    return bound.buffer
  }

  func run(observer: (any SessionObserver)?) throws {
    if let missing = plan.info.inputs.first(where: { inputs[$0.name] == nil }) {
      throw PlanInfo.unbound(missing)
    }
    hasRun = false
    freshOutputs = [:]
    try bindOutputs()
    let profile = try observer.flatMap { _ in try plan.makeProfile() }
    let start = ContinuousClock.now
    let status = vtOrtRun(library.table, plan.network.pointer, profile?.options, binding)
    try library.call.check("run the network", status)
    let duration = ContinuousClock.now - start
    try collectOutputs()
    hasRun = true
    if let observer { try report(duration, profile, to: observer) }
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

  private func report(
    _ duration: Duration,
    _ profile: RunProfile?,
    to observer: any SessionObserver
  ) throws {
    for layer in try profile?.layers() ?? [] {
      let provenance = plan.layerNames.provenance(of: layer.name)
      let info = LayerInfo(name: layer.name, tactic: layer.operatorName, provenance: provenance)
      observer.session(self, didRun: info, in: layer.duration)
    }
    observer.session(self, didFinish: .compute, in: duration)
    for name in plan.tappedValues {
      observer.session(self, didProduce: name, try written(name).tensor())
    }
  }

  /// Dynamic outputs are bound anew for each run: the library keeps what it allocated for the
  /// last run and would refuse another shape.
  private func bindOutputs() throws {
    let table = library.table
    for output in plan.bindings {
      if let bound = fixedOutputs[output.name] {
        guard !bound.isBound else { continue }
        let status = vtOrtBindOutput(table, binding, output.name, bound.value)
        try library.call.check("bind output '\(output.name)'", status)
        bound.isBound = true
      } else {
        let status = vtOrtBindOutputToHost(table, binding, output.name, library.hostMemory)
        try library.call.check("bind output '\(output.name)'", status)
      }
    }
  }

  /// Wraps what the run allocated; nothing is copied.
  private func collectOutputs() throws {
    guard fixedOutputs.count < plan.bindings.count else { return }
    var values: UnsafeMutablePointer<OpaquePointer?>?
    var count = 0
    let status = vtOrtBoundOutputs(library.table, binding, library.allocator, &values, &count)
    try library.call.check("fetch the outputs", status)
    guard let values else { return }
    let owned = (0..<count).map { values[$0].map { OwnedValue($0, library) } }
    library.call.ignore(vtOrtFree(library.table, library.allocator, values))
    for (output, value) in zip(plan.bindings, owned) where fixedOutputs[output.name] == nil {
      guard let value else { continue }
      freshOutputs[output.name] = try value.buffer(named: output.name)
    }
  }
}
