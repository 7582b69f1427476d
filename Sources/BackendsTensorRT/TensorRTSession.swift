import Backends
import CTensorRT
import Diagnostics
import Graphs
import Tensors

/// One caller's memory and execution context: pinned buffers on the host, their counterparts on the
/// GPU, one stream.
///
/// Written from TensorRT's and CUDA's documentation; not yet run on a machine with a GPU.
final class TensorRTSession: Session {
  let outputNames: [String]

  private let plan: TensorRTPlan
  private let engine: LoadedEngine
  private let stream: CUDAStream
  private let context: TensorRTObject
  private let marks: [CUDAEvent]
  private let layerTimer: TensorRTLayerTimer?
  private let layerNames: [String: LayerInfo]
  private var inputs: [String: CUDAMemory] = [:]
  private var outputs: [String: CUDAMemory] = [:]
  private var hasRun = false
  /// The recorded run, launched as a whole while shapes and memory stay the same.
  private var recording: CUDARecording?
  private var runsUnchanged = 0
  /// False where a run cannot be recorded: while layers are timed, or after a try that failed.
  private var canRecord: Bool

  private var table: UnsafePointer<VTTrtTable> { plan.library.table }

  init(_ plan: TensorRTPlan, driver: CUDADriver) throws {
    self.plan = plan
    engine = try plan.loadedEngine(driver)
    stream = try CUDAStream(driver)
    context = try plan.library.object(
      "execution context",
      of: engine.engine,
      vtTrtCreateContext(plan.library.table, engine.engine.pointer)
    )
    let stream = stream
    marks = try (0..<4).map { _ in try CUDAEvent(stream) }
    layerTimer = plan.profilesLayers ? TensorRTLayerTimer(plan.library.table) : nil
    canRecord = !plan.profilesLayers
    layerNames = Dictionary(plan.info.layers.map { ($0.name, $0) }) { first, _ in first }
    outputNames = plan.info.outputs.map(\.name)
    if let layerTimer { vtTrtSetProfiler(plan.library.table, context.pointer, layerTimer.profiler) }
  }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    if let bound = inputs[name], bound.buffer.shape == shape { return bound.buffer }
    let type = try plan.info.inputType(name, accepting: shape)
    try stream.driver.enter()
    let memory = try CUDAMemory(shape, type.scalarType, stream)
    guard vtTrtSetShape(table, context.pointer, name, VTTrtDims(shape.dimensions)) else {
      throw DeployError(
        .backendShapeMismatch,
        "input '\(name)' of shape \(shape) lies outside the plan's optimization profile",
        remedy: "give a shape within it, or build the plan with another --profile"
      )
    }
    guard vtTrtSetAddress(table, context.pointer, name, memory.address) else {
      throw plan.library.failure("bind input '\(name)'")
    }
    inputs[name] = memory
    forgetShapes()
    return memory.buffer
  }

  func run(observer: (any SessionObserver)?) throws {
    if let missing = plan.info.inputs.first(where: { inputs[$0.name] == nil }) {
      throw PlanInfo.unbound(missing)
    }
    hasRun = false
    try stream.driver.enter()
    try bindOutputs()
    // Events and layer times cannot be taken inside a recorded run.
    if observer == nil, try launchRecording() {
      try stream.synchronize()
    } else {
      try enqueue(observer)
    }
    hasRun = true
    if let observer { try report(to: observer) }
  }

  func output(_ name: String) throws -> TensorBuffer {
    guard hasRun, outputNames.contains(name), let memory = outputs[name] else {
      throw plan.info.noOutput(name)
    }
    return memory.buffer
  }

  // MARK: Running

  private func enqueue(_ observer: (any SessionObserver)?) throws {
    let start = ContinuousClock.now
    layerTimer?.begin()
    try marks[0].record()
    try work { try marks[$0].record() }
    let enqueued = ContinuousClock.now - start
    try marks[3].record()
    try stream.synchronize()
    observer?.session(self, didFinish: .enqueue, in: enqueued)
  }

  /// Copies in, computes, copies out.
  private func work(mark: (Int) throws -> Void) throws {
    for memory in inputs.values { try memory.upload() }
    try mark(1)
    let pointer = UnsafeMutableRawPointer(stream.pointer)
    guard vtTrtEnqueue(table, context.pointer, pointer) else {
      throw plan.library.failure("run the engine")
    }
    try mark(2)
    for memory in outputs.values { try memory.download() }
  }

  /// Records the third run of unchanged shapes and launches it from then on. The first ones are not
  /// recorded because the library prepares itself in them.
  private func launchRecording() throws -> Bool {
    runsUnchanged += 1
    guard canRecord, runsUnchanged > 2 else { return false }
    if recording == nil {
      // Not every engine can be recorded; such a one runs step by step as before.
      recording = try? CUDARecording(stream) { try work { _ in } }
      canRecord = recording != nil
    }
    guard let recording else { return false }
    try recording.launch()
    return true
  }

  private func forgetShapes() {
    runsUnchanged = 0
    recording = nil
    outputs = [:]
    hasRun = false
  }

  /// Gives outputs memory of the shape that the inputs lead to.
  private func bindOutputs() throws {
    for output in plan.bindings where outputs[output.name] == nil {
      let dims = vtTrtContextShape(table, context.pointer, output.name)
      let extents = dims.values
      guard dims.count >= 0, extents.allSatisfy({ $0 >= 0 }),
        Shape.checkedCount(extents + [output.type.scalarType.byteCount]) != nil
      else {
        throw DeployError(
          .backendFailed,
          "output '\(output.name)' has a size that only the run decides",
          remedy: "export the network without suppression inside (`--head decoded` or raw)"
        )
      }
      let memory = try CUDAMemory(Shape(extents), output.type.scalarType, stream)
      guard vtTrtSetAddress(table, context.pointer, output.name, memory.address) else {
        throw plan.library.failure("bind output '\(output.name)'")
      }
      outputs[output.name] = memory
    }
  }

  private func report(to observer: any SessionObserver) throws {
    for (name, milliseconds) in layerTimer?.times ?? [] {
      let layer = layerNames[name] ?? LayerInfo(name: name, tactic: "", provenance: Provenance())
      let duration = Duration.nanoseconds(Int64(Double(milliseconds) * 1e6))
      observer.session(self, didRun: layer, in: duration)
    }
    let phases: [RunPhase] = [.hostToDevice, .compute, .deviceToHost]
    for (index, phase) in phases.enumerated() {
      let duration = try marks[index + 1].duration(since: marks[index])
      observer.session(self, didFinish: phase, in: duration)
    }
    for name in plan.tappedValues {
      guard let memory = outputs[name] else { continue }
      observer.session(self, didProduce: name, memory.buffer.tensor())
    }
  }
}
