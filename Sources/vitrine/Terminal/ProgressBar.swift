import Pipelines
import Synchronization

/// One line per stage on standard error: a bar while it runs, a check mark when it is done.
/// Silent where standard error is no terminal.
final class ProgressBar: Sendable {
  private struct State {
    var stage = ""
    var total: Int?
    var done = 0
    var started = ContinuousClock.now
    var lastDrawn = ContinuousClock.now - .seconds(1)
  }
  private let state = Mutex(State())
  private let isShown: Bool

  init(isQuiet: Bool) { isShown = Terminal.current.showsProgress && !isQuiet }

  /// What the pipelines call.
  var handler: ProgressHandler {
    { [self] event in
      guard isShown else { return }
      state.withLock { state in
        switch event {
        case .began(let stage, let total):
          state.stage = stage
          state.total = total
          state.done = 0
          state.started = .now
          draw(&state, force: true)
        case .advanced(let done):
          state.done = done
          draw(&state, force: false)
        case .finished(let summary):
          let time = milliseconds(ContinuousClock.now - state.started)
          write(
            "\r\u{1B}[K✓ \(pad(state.stage, 10)) \(pad(time, 9))  \(Terminal.printable(summary))\n"
          )
        }
      }
    }
  }

  private func draw(_ state: inout State, force: Bool) {
    guard force || ContinuousClock.now - state.lastDrawn > .milliseconds(80) else { return }
    state.lastDrawn = .now
    guard let total = state.total, total > 0 else {
      return write("\r\u{1B}[K· \(state.stage)")
    }
    let width = 24
    let filled = min(width, state.done * width / total)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    write(
      "\r\u{1B}[K· \(pad(state.stage, 10)) \(bar) \(state.done)/\(total)\(remaining(state, total))"
    )
  }

  private func remaining(_ state: State, _ total: Int) -> String {
    guard state.done > 0, state.done < total else { return "" }
    let elapsed = seconds(ContinuousClock.now - state.started)
    guard elapsed > 1 else { return "" }
    return
      "  \(Int((elapsed / Double(state.done) * Double(total - state.done)).rounded(.up))) s left"
  }

  private func write(_ text: String) {
    Terminal.write(text, to: 2)
  }
}
