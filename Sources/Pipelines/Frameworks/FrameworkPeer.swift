import Diagnostics
import Metrics

/// One engine of a comparison, loaded in its own process.
struct FrameworkPeer {
  let engine: String
  let process: PeerProcess
  let greeting: PeerReply
  /// From the start of the process to the first result, in milliseconds.
  let coldStartMilliseconds: Double
  /// The median round trip of a request for nothing, in milliseconds.
  let transportMilliseconds: Double

  /// Starts a program and waits until its engine has run once.
  /// - Throws: `compare.peer-failed`; `compare.absent` where the engine says that it cannot run.
  init(_ engine: String, _ program: String, _ arguments: [String]) throws {
    let start = ContinuousClock.now
    process = try PeerProcess(engine, program, arguments)
    greeting = try process.greeting(seconds: 300)
    coldStartMilliseconds = (ContinuousClock.now - start) / .milliseconds(1)
    if let absence = greeting.absence { throw DeployError(.compareAbsent, absence) }
    self.engine = engine
    let process = process
    let trips = try (0..<51).map { _ in
      try ContinuousClock().measure { _ = try process.ask(.nothing) } / .milliseconds(1)
    }
    transportMilliseconds = LayerTimes.median(trips) ?? 0
  }

  /// Runs for a moment.
  /// - Parameter isQuery: whether from file bytes to detections instead of the network alone.
  /// - Throws: `compare.peer-failed`.
  func leg(milliseconds: Double, isQuery: Bool = false) throws -> PeerReply {
    let reply = try process.ask(
      isQuery ? .query(milliseconds: milliseconds) : .leg(milliseconds: milliseconds),
      seconds: 120 + milliseconds / 100
    )
    guard let times = reply.milliseconds, !times.isEmpty,
      times.allSatisfy({ $0 > 0 && $0.isFinite })
    else { throw DeployError(.comparePeerFailed, "the process of '\(engine)' told no times") }
    return reply
  }
}

extension Diagnostic.ID {
  /// An engine that is not there.
  static let compareAbsent: Self = "compare.absent"
}
