package import Backends
import Diagnostics
import Graphs
import Tensors

/// A session that can leave out layers, to find by experiment what they cost. What follows them reads whatever
/// their memory holds, so the outputs mean nothing.
package protocol LayerSkipping: Session {
  /// The places of layers in ``PlanInfo/layers`` that do not run.
  var skippedLayers: Set<Int> { get set }
}

/// One caller's memory and threads.
final class NativeSession: DetectingSession, LayerSkipping {
  var skippedLayers: Set<Int> = []
  let outputNames: [String]
  private let plan: NativePlan
  private let team: ThreadTeam
  private var inputs: [String: TensorBuffer] = [:]
  private(set) var bound: BoundProgram?
  private var hasRun = false
  /// What was copied out of the last run.
  private var results: [Int: TensorBuffer] = [:]
  var objectnessFloor: Float? {
    didSet { bound?.objectnessFloor = objectnessFloor }
  }

  init(_ plan: NativePlan) throws {
    self.plan = plan
    team = try ThreadTeam(plan.threadCount)
    outputNames = plan.info.outputs.map(\.name)
  }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    let type = try plan.info.inputType(name, accepting: shape)
    return buffer(name, shape, type.scalarType)
  }

  func pixels(_ name: String, shape: Shape) throws -> TensorBuffer? {
    _ = try plan.info.inputType(name, accepting: shape)
    var shapes = inputs.mapValues(\.shape)
    shapes[name] = shape
    guard plan.info.inputs.allSatisfy({ shapes[$0.name] != nil }) else { return nil }
    if let buffer = inputs[name], buffer.shape == shape, buffer.scalarType == .uint8 {
      return buffer
    }
    guard try plan.program(shapes).readsPixels(name) else { return nil }
    return buffer(name, shape, .uint8)
  }

  private func buffer(_ name: String, _ shape: Shape, _ type: ScalarType) -> TensorBuffer {
    if let buffer = inputs[name], buffer.shape == shape, buffer.scalarType == type {
      return buffer
    }
    let buffer = TensorBuffer(shape: shape, scalarType: type)
    inputs[name] = buffer
    bound = nil
    hasRun = false
    return buffer
  }

  func run(observer: (any SessionObserver)?) throws {
    let bound = try bound ?? bind()
    hasRun = false
    results.removeAll(keepingCapacity: true)
    try bound.run(self, observer, without: skippedLayers)
    hasRun = true
    guard let observer else { return }
    for name in plan.tappedNames {
      observer.session(self, didProduce: name, try written(name).tensor())
    }
  }

  func output(_ name: String) throws -> TensorBuffer {
    guard outputNames.contains(name) else { throw plan.info.noOutput(name) }
    return try written(name)
  }

  /// An output or tapped value of the last run.
  private func written(_ name: String) throws -> TensorBuffer {
    guard hasRun, let bound,
      let number = bound.program.outputs.firstIndex(where: { $0.binding.name == name })
    else { throw plan.info.noOutput(name) }
    if let known = results[number] { return known }
    let buffer = try bound.result(number)
    results[number] = buffer
    return buffer
  }

  private func bind() throws -> BoundProgram {
    var buffers: [TensorBuffer] = []
    for input in plan.info.inputs {
      guard let buffer = inputs[input.name] else { throw PlanInfo.unbound(input) }
      buffers.append(buffer)
    }
    let program = try plan.program(inputs.mapValues(\.shape))
    let made = try BoundProgram(
      program,
      inputs: buffers,
      team: team,
      isa: plan.isa,
      pool: plan.pool,
      oneDNN: plan.oneDNN
    )
    made.objectnessFloor = objectnessFloor
    bound = made
    return made
  }
}
