import Diagnostics
import Graphs
import Tensors

/// One caller's inputs and the last results.
final class ReferenceSession: Session {
  let outputNames: [String]
  private let plan: ReferencePlan
  private var inputs: [String: TensorBuffer] = [:]
  private var outputs: [String: TensorBuffer] = [:]

  init(_ plan: ReferencePlan) {
    self.plan = plan
    outputNames = plan.info.outputs.map(\.name)
  }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    if let buffer = inputs[name], buffer.shape == shape { return buffer }
    let type = try plan.info.inputType(name, accepting: shape)
    let buffer = TensorBuffer(shape: shape, scalarType: type.scalarType)
    inputs[name] = buffer
    return buffer
  }

  func run(observer: (any SessionObserver)?) throws {
    outputs = [:]
    if let missing = plan.info.inputs.first(where: { inputs[$0.name] == nil }) {
      throw PlanInfo.unbound(missing)
    }
    let start = ContinuousClock.now
    let recorder = observer.map { Recorder(self, $0, plan) }
    let results = try plan.graph.evaluate(inputs: inputs.mapValues { $0.tensor() }) {
      recorder?.record($0, $1)
    }
    for (name, tensor) in results {
      let buffer = TensorBuffer(shape: tensor.shape, scalarType: tensor.scalarType)
      try buffer.copy(tensor)
      outputs[name] = buffer
    }
    observer?.session(self, didFinish: .compute, in: ContinuousClock.now - start)
  }

  func output(_ name: String) throws -> TensorBuffer {
    guard let buffer = outputs[name] else { throw plan.info.noOutput(name) }
    return buffer
  }
}

/// Tells an observer of each node as its first result is written.
private final class Recorder {
  private let session: ReferenceSession
  private let observer: any SessionObserver
  private let plan: ReferencePlan
  private var lastNode: NodeID?
  private var mark = ContinuousClock.now

  init(_ session: ReferenceSession, _ observer: any SessionObserver, _ plan: ReferencePlan) {
    self.session = session
    self.observer = observer
    self.plan = plan
  }

  func record(_ value: Value, _ tensor: Tensor) {
    if let node = plan.graph.producer(of: value.id), node.id != lastNode {
      let duration = ContinuousClock.now - mark
      observer.session(session, didRun: ReferencePlan.layer(node), in: duration)
      lastNode = node.id
    }
    if plan.tapped.contains(value.name) {
      observer.session(session, didProduce: value.name, tensor)
    }
    mark = ContinuousClock.now
  }
}
