import Backends
import Diagnostics
import Graphs
import Tensors

/// The time of a network as the sum of each layer's shortest time over some runs: other programs can
/// make a layer slower, never faster.
final class LayerClock: SessionObserver {
  private var least: [Double] = []
  private var index = 0

  func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {
    let milliseconds = duration / .milliseconds(1)
    if index < least.count {
      least[index] = min(least[index], milliseconds)
    } else {
      least.append(milliseconds)
    }
    index += 1
  }

  func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration) {
    if phase == .compute { index = 0 }
  }

  /// The sum, in milliseconds.
  var milliseconds: Double { least.reduce(0, +) }

  /// Times a graph on a backend, with random numbers.
  static func milliseconds(
    _ graph: Graph,
    _ backend: BackendChoice,
    threadCount: Int,
    runs: Int
  ) async throws -> Double {
    var configuration = backend.configuration
    configuration.threadCount = threadCount
    configuration.profilesLayers = true
    let plan = try await backend.open().build(graph, configuration: configuration).plan
    let session = try plan.makeSession()
    for (name, tensor) in try Feed.random(graph, seed: 1).tensors {
      try session.input(name, shape: tensor.shape).copy(tensor)
    }
    try session.run(observer: nil)
    let clock = LayerClock()
    for _ in 0..<runs {
      try Task.checkCancellation()
      clock.index = 0
      try session.run(observer: clock)
    }
    return clock.milliseconds
  }
}
