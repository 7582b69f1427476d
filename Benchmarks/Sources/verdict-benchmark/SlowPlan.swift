import Backends
import Tensors

/// A plan whose runs take longer by a factor: each is followed by idle turns inside the timed call.
struct SlowPlan: Plan {
  let base: any Plan
  let factor: Double
  var info: PlanInfo { base.info }

  func makeSession() throws -> sending any Session {
    SlowSession(try base.makeSession(), factor)
  }
}

/// A session of a ``SlowPlan``.
final class SlowSession: Session {
  private let base: any Session
  private let factor: Double

  init(_ base: any Session, _ factor: Double) {
    self.base = base
    self.factor = factor
  }

  var outputNames: [String] { base.outputNames }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    try base.input(name, shape: shape)
  }

  func output(_ name: String) throws -> TensorBuffer { try base.output(name) }

  func run(observer: (any SessionObserver)?) throws {
    let start = ContinuousClock.now
    try base.run(observer: observer)
    let end = start + (ContinuousClock.now - start) * factor
    while ContinuousClock.now < end {}
  }
}
