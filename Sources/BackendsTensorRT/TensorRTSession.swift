import Backends
import CTensorRT
import Diagnostics
import Graphs
import Tensors

/// One caller's memory and execution context: memory on the GPU, pinned memory of the host, one stream.
///
/// Run in the tests with a stand-in for the driver and for TensorRT, which shows that the calls are in
/// order, that memory is neither leaked nor overrun, and that failures end in errors. What a GPU and
/// the real library make of these calls is shown by `Scripts/device-check` only.
final class TensorRTSession: Session {
  let outputNames: [String]

  let plan: TensorRTPlan
  let stream: CUDAStream
  private let engine: LoadedEngine
  let context: TensorRTObject
  /// What this context reports as errors; outlives it.
  private let recorder: TensorRTRecorder
  private let marks: [CUDAEvent]
  private let layerTimer: TensorRTLayerTimer?
  private let layerNames: [String: LayerInfo]
  private var inputs: [String: CUDAMemory] = [:]
  private var outputs: [String: CUDAMemory] = [:]
  private var hasRun = false
  /// Whether the outputs of the last run were copied to the host.
  private var hasOutputs = false
  /// Scales pictures and chooses boxes, where a detector asked for it.
  var letterbox: GPULetterbox?
  var selection: GPUSelection?
  /// Which optimization profile the context is set to.
  private var profile = 0
  /// The recorded run, launched as a whole while shapes, memory and what is done stay the same.
  private var recording: CUDARecording?
  private var recordingTakesPictures = false
  private var runsUnchanged = 0
  /// False where a run cannot be recorded: while layers are timed, or after a try that failed.
  private var canRecord: Bool

  var table: UnsafePointer<VTTrtTable> { plan.library.table }

  init(_ plan: TensorRTPlan, driver: CUDADriver) throws {
    self.plan = plan
    engine = try plan.loadedEngine(driver)
    stream = try CUDAStream(driver)
    context = try plan.library.object(
      "execution context",
      of: engine.engine,
      vtTrtCreateContext(plan.library.table, engine.engine.pointer)
    )
    recorder = TensorRTRecorder(plan.library.table)
    let stream = stream
    marks = try (0..<4).map { _ in try CUDAEvent(stream) }
    layerTimer = plan.profilesLayers ? TensorRTLayerTimer(plan.library.table) : nil
    canRecord = !plan.profilesLayers && plan.recordsRuns
    layerNames = Dictionary(plan.info.layers.map { ($0.name, $0) }) { first, _ in first }
    outputNames = plan.info.outputs.map(\.name)
    // From here on nothing throws: what the library is given now is taken back before it goes.
    vtTrtSetContextRecorder(plan.library.table, context.pointer, recorder.recorder)
    if let layerTimer { vtTrtSetProfiler(plan.library.table, context.pointer, layerTimer.profiler) }
  }

  deinit {
    vtTrtSetContextRecorder(table, context.pointer, nil)
    if layerTimer != nil { vtTrtSetProfiler(table, context.pointer, nil) }
    try? stream.driver.enter()
    // What is still under way uses the memory that goes now.
    stream.settle()
  }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    letterbox?.end()
    return try bind(name, shape).buffer()
  }

  /// The memory of an input, bound to the context.
  func bind(_ name: String, _ shape: Shape) throws -> CUDAMemory {
    if let bound = inputs[name], bound.shape == shape { return bound }
    let type = try plan.info.inputType(name, accepting: shape)
    try stream.driver.enter()
    try chooseProfile(for: name, shape)
    let memory = try CUDAMemory(shape, type.scalarType, stream)
    guard vtTrtSetShape(table, context.pointer, name, VTTrtDims(shape.dimensions)) else {
      throw DeployError(
        .backendShapeMismatch,
        "input '\(name)' of shape \(shape) lies outside the plan's optimization profile",
        remedy: "give a shape within it, or build the plan with another --profile"
      )
    }
    guard vtTrtSetAddress(table, context.pointer, name, memory.device.address) else {
      // The context has the new shape already: the old memory does not go with it.
      inputs[name] = nil
      forgetShapes()
      throw plan.library.failure("bind input '\(name)'", of: recorder)
    }
    inputs[name] = memory
    forgetShapes()
    return memory
  }

  func run(observer: (any SessionObserver)?) throws {
    if let missing = plan.info.inputs.first(where: { inputs[$0.name] == nil }) {
      throw PlanInfo.unbound(missing)
    }
    hasRun = false
    hasOutputs = false
    recorder.clear()
    try stream.driver.enter()
    do {
      try bindOutputs()
      if let selection, let memory = outputs[selection.output], try selection.prepare(memory) {
        forgetRecording()
      }
      // Events and layer times cannot be taken inside a recorded run.
      if observer == nil {
        try runUnobserved()
      } else {
        try enqueue(observer)
      }
    } catch {
      // Copies may be under way into memory that the caller frees next.
      stream.settle()
      letterbox?.end()
      throw error
    }
    letterbox?.end()
    hasRun = true
    hasOutputs = copiesOutputs
    if let observer { try report(to: observer) }
  }

  func output(_ name: String) throws -> TensorBuffer {
    guard hasRun, outputNames.contains(name), let memory = outputs[name] else {
      throw plan.info.noOutput(name)
    }
    try fetchOutputs()
    return try memory.buffer()
  }

  /// The boxes of the last run.
  func selected(_ index: Int) throws -> PictureSelection? {
    guard hasRun, let selection else {
      throw DeployError(.backendUnknownBinding, "nothing was run")
    }
    return try selection.selection(of: index)
  }

  // MARK: Running

  /// Whether every run ends with a copy of the outputs: not where boxes are chosen on the GPU.
  private var copiesOutputs: Bool { selection == nil || !plan.tappedValues.isEmpty }

  /// Copies the outputs of the last run, where that was left out.
  private func fetchOutputs() throws {
    guard !hasOutputs else { return }
    try stream.driver.enter()
    for memory in outputs.values { try memory.download() }
    try stream.synchronize()
    hasOutputs = true
  }

  private func runUnobserved() throws {
    try letterbox?.uploadIfPlaced()
    if try launchRecording() == false { try work { _ in } }
    try stream.synchronize()
  }

  private func enqueue(_ observer: (any SessionObserver)?) throws {
    let start = ContinuousClock.now
    layerTimer?.begin()
    try marks[0].record()
    try letterbox?.uploadIfPlaced()
    try work { try marks[$0].record() }
    let enqueued = ContinuousClock.now - start
    try marks[3].record()
    try stream.synchronize()
    observer?.session(self, didFinish: .enqueue, in: enqueued)
  }

  private var takesPictures: Bool { letterbox?.hasPictures ?? false }

  /// Fills the inputs, computes, brings results back: everything that a recording holds.
  private func work(mark: (Int) throws -> Void) throws {
    if let letterbox, letterbox.hasPictures, let name = plan.info.inputs.first?.name,
      let target = inputs[name]
    {
      try letterbox.run(into: target)
    } else {
      for memory in inputs.values { try memory.upload() }
    }
    try mark(1)
    let pointer = UnsafeMutableRawPointer(stream.pointer)
    guard vtTrtEnqueue(table, context.pointer, pointer) else {
      throw plan.library.failure("run the engine", of: recorder)
    }
    try mark(2)
    if let selection, let memory = outputs[selection.output] { try selection.run(on: memory) }
    if copiesOutputs { for memory in outputs.values { try memory.download() } }
  }

  /// Records the third run of unchanged shapes and launches it from then on. The first ones are not
  /// recorded because the library prepares itself in them.
  private func launchRecording() throws -> Bool {
    if letterbox?.hasMoved == true || recordingTakesPictures != takesPictures { forgetRecording() }
    letterbox?.hasMoved = false
    recordingTakesPictures = takesPictures
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

  /// Whether the last runs were launched as a whole.
  var isRecorded: Bool { recording != nil }

  func forgetRecording() {
    runsUnchanged = 0
    recording = nil
  }

  private func forgetShapes() {
    forgetRecording()
    outputs = [:]
    hasRun = false
  }

  /// Sets the context to the first optimization profile that a shape fits, where there are several.
  private func chooseProfile(for name: String, _ shape: Shape) throws {
    let profiles = plan.manifest.options.profiles
    guard profiles.count > 1 else { return }
    let fitting = profiles.firstIndex { $0.accepts(name, shape) } ?? profile
    guard fitting != profile else { return }
    let pointer = UnsafeMutableRawPointer(stream.pointer)
    guard vtTrtSetProfile(table, context.pointer, Int32(fitting), pointer) else {
      throw plan.library.failure("use optimization profile \(fitting)", of: recorder)
    }
    profile = fitting
    // Shapes and addresses belong to the profile of before.
    inputs = [:]
    forgetShapes()
    try stream.synchronize()
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
      guard vtTrtSetAddress(table, context.pointer, output.name, memory.device.address) else {
        throw plan.library.failure("bind output '\(output.name)'", of: recorder)
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
      observer.session(self, didProduce: name, try memory.buffer().tensor())
    }
  }
}

extension GPULetterbox {
  /// Copies the pictures of a run, where there are some.
  fileprivate func uploadIfPlaced() throws {
    if hasPictures { try upload() }
  }
}

extension ShapeProfile {
  /// Whether a shape of an input lies within its range.
  fileprivate func accepts(_ name: String, _ shape: Shape) -> Bool {
    guard let range = ranges.first(where: { $0.input == name || $0.input.isEmpty }) else {
      return true
    }
    return range.least.count == shape.rank
      && shape.dimensions.indices.allSatisfy {
        (range.least[$0]...range.greatest[$0]).contains(shape[$0])
      }
  }
}
