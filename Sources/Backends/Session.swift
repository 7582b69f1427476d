import Diagnostics
public import Tensors

/// One run's worth of memory. Not `Sendable`: one owner, one call at a time.
///
/// The hot path binds memory once and runs again and again without allocating:
///
///     let images = try session.input("images", shape: [1, 3, 640, 640])
///     // fill images.bytes
///     try session.run(observer: nil)
///     let scores = try session.output("output0")
public protocol Session: AnyObject {
  /// The memory that the next runs read an input from. The same object is given again while
  /// the shape stays the same.
  /// - Throws: `backend.unknown-binding`, `backend.shape-mismatch`.
  func input(_ name: String, shape: Shape) throws -> TensorBuffer
  /// Runs the plan on what the inputs hold.
  /// - Throws: `backend.unknown-binding` when an input was never bound, `backend.failed`.
  func run(observer: (any SessionObserver)?) throws
  /// What the last run wrote. Valid until the next run.
  /// - Throws: `backend.unknown-binding`.
  func output(_ name: String) throws -> TensorBuffer
  /// The names of the outputs, in order.
  var outputNames: [String] { get }
}

extension Session {
  /// The convenient form: copies inputs in, runs, copies outputs out.
  public func run(
    _ inputs: [String: Tensor],
    observer: (any SessionObserver)? = nil
  ) throws -> [String: Tensor] {
    for (name, tensor) in inputs { try input(name, shape: tensor.shape).copy(tensor) }
    try run(observer: observer)
    var outputs: [String: Tensor] = [:]
    for name in outputNames { outputs[name] = try output(name).tensor() }
    return outputs
  }
}

/// The parts of one run, as `trtexec` names them.
public enum RunPhase: String, Sendable, Hashable, Codable {
  case enqueue
  case hostToDevice
  case compute
  case deviceToHost
}

/// Called inside `run`, on the caller's thread, in layer order.
public protocol SessionObserver: AnyObject {
  /// A layer ran; `duration` is its share of the run.
  func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration)
  /// A part of the run ended.
  func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration)
  /// A tapped value was written. The tensor may be kept.
  func session(_ session: any Session, didProduce value: String, _ tensor: Tensor)
}

extension SessionObserver {
  /// Ignores the layer.
  public func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {}
  /// Ignores the phase.
  public func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration) {}
  /// Ignores the value.
  public func session(_ session: any Session, didProduce value: String, _ tensor: Tensor) {}
}
