import Reports
import Synchronization

/// Passes progress on and keeps each stage's time and result for the report.
final class StageRecorder: Sendable {
  private struct State {
    var stages: [Stage] = []
    var name = ""
    var start = ContinuousClock.now
  }
  private let state = Mutex(State())
  private let next: ProgressHandler

  init(_ next: @escaping ProgressHandler) { self.next = next }

  var stages: [Stage] { state.withLock { $0.stages } }

  var handler: ProgressHandler {
    { [self] event in
      state.withLock { state in
        switch event {
        case .began(let stage, _):
          state.name = stage
          state.start = .now
        case .advanced: break
        case .finished(let summary):
          let time = (ContinuousClock.now - state.start).milliseconds
          state.stages.append(Stage(name: state.name, milliseconds: time, summary: summary))
        }
      }
      next(event)
    }
  }
}
