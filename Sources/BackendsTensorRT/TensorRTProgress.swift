import Backends
import CTensorRT
import Synchronization

/// Follows a build through the library's progress monitor and stops it when asked to.
///
/// Phases are nested; the outermost one counts the steps, the innermost one names what goes on.
// The C structure is written once, before the library gets it; the rest is behind a lock.
final class TensorRTProgress: @unchecked Sendable {
  private struct State {
    var phases: [String] = []
    var completed = 0
    var total = 0
  }
  private let state = Mutex(State())
  private let isCancelled = Atomic(false)
  private let report: @Sendable (PlanBuildProgress) -> Void
  let monitor: UnsafeMutablePointer<VTTrtProgress>

  init(_ report: @escaping @Sendable (PlanBuildProgress) -> Void) {
    self.report = report
    monitor = .allocate(capacity: 1)
    monitor.initialize(to: VTTrtProgress())
    vtTrtMakeProgress(monitor)
    monitor.pointee.user = Unmanaged.passUnretained(self).toOpaque()
    monitor.pointee.begin = { user, phase, parent, steps in
      let name = TensorRTProgress.text(phase)
      TensorRTProgress.of(user)?.begin(name, isOutermost: parent == nil, steps: Int(steps))
    }
    monitor.pointee.step = { user, phase, step in
      TensorRTProgress.of(user)?.step(TensorRTProgress.text(phase), Int(step)) ?? true
    }
    monitor.pointee.end = { user, phase in
      TensorRTProgress.of(user)?.end(TensorRTProgress.text(phase))
    }
  }

  deinit { monitor.deallocate() }

  /// Stops the build at its next step.
  func cancel() { isCancelled.store(true, ordering: .relaxed) }
  var wasCancelled: Bool { isCancelled.load(ordering: .relaxed) }

  private static func of(_ user: UnsafeMutableRawPointer?) -> TensorRTProgress? {
    user.map { Unmanaged<TensorRTProgress>.fromOpaque($0).takeUnretainedValue() }
  }
  private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }

  private func begin(_ phase: String, isOutermost: Bool, steps: Int) {
    let note = state.withLock { state in
      state.phases.append(phase)
      if isOutermost { (state.completed, state.total) = (0, steps) }
      return PlanBuildProgress(phase: phase, completed: state.completed, total: state.total)
    }
    report(note)
  }

  private func step(_ phase: String, _ index: Int) -> Bool {
    let note = state.withLock { state -> PlanBuildProgress? in
      guard state.phases.first == phase else { return nil }
      state.completed = index + 1
      return PlanBuildProgress(phase: phase, completed: index + 1, total: state.total)
    }
    if let note { report(note) }
    return !wasCancelled
  }

  private func end(_ phase: String) {
    state.withLock { state in
      if let index = state.phases.lastIndex(of: phase) { state.phases.remove(at: index) }
    }
  }
}
