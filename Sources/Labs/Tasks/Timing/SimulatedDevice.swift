import Metrics
import Synchronization

/// A device with a clock of its own, which a program can start, wait for and ask the time.
///
/// It lives in the grader. Its clock moves only with its work, so that the same program gets the same times on
/// every machine, however busy.
final class SimulatedDevice: Sendable {
  /// What the device does with the work that it is given.
  enum Honesty: String, Sendable, CaseIterable {
    case honest
    /// Repeated inputs are answered from memory.
    case cached
    /// `wait` comes back before the work is done.
    case early
    /// Only every other run is computed.
    case skips
    /// Its clock is slow.
    case impossible
  }

  /// What happened, for the judgement.
  struct Record: Sendable {
    var runs = 0
    var waits = 0
    var repeated = 0
    /// The times of the runs, up to a limit.
    var times: [Double] = []
  }

  /// The time that giving an order takes.
  static let orderTime = 3000.0
  private static let recordLimit = 50_000

  let law: LatencyLaw
  let honesty: Honesty

  private struct State {
    var sequence: LatencyLaw.Sequence
    var clock = 0.0
    var finish = 0.0
    /// The input of the last run, and of the one before.
    var input: UInt64 = 0
    var previous: UInt64 = 0
    var seen: Set<UInt64> = []
    var isSkipping = false
    var record = Record()
  }
  private let state: Mutex<State>

  init(_ law: LatencyLaw, honesty: Honesty = .honest, seed: UInt64) {
    self.law = law
    self.honesty = honesty
    state = Mutex(State(sequence: LatencyLaw.Sequence(law, seed: seed)))
  }

  var record: Record { state.withLock { $0.record } }

  /// The result of a run on an input. Source: Park and Miller, "Random number generators: good ones are hard to
  /// find", 1988.
  static func result(_ input: UInt64) -> UInt64 { input % 2_147_483_647 * 48271 % 2_147_483_647 }

  /// Answers one order: `run INPUT`, `wait`, `now` or `until TIME`.
  func answer(_ words: [Substring]) -> String {
    state.withLock { state in
      switch (words.first, words.count > 1 ? UInt64(words[1]) : nil) {
      case ("run", let input?):
        run(input, &state)
        return "started"
      case ("wait", _): return "result \(wait(&state))"
      case ("now", _): return "\(Int(state.clock * (honesty == .impossible ? 0.1 : 1)))"
      case ("until", let time?):
        if time < 1 << 60 { state.clock = max(state.clock, Double(time)) }
        return "\(Int(state.clock))"
      default: return "? run INPUT, wait, now or until TIME"
      }
    }
  }

  private func run(_ input: UInt64, _ state: inout State) {
    var time = state.sequence.next()
    let isKnown = state.seen.contains(input)
    if isKnown { state.record.repeated += 1 }
    if honesty == .cached, isKnown { time *= 0.02 }
    if state.seen.count < Self.recordLimit { state.seen.insert(input) }
    state.isSkipping = honesty == .skips && state.record.runs % 2 == 1
    if state.isSkipping { time *= 0.05 }
    state.clock += Self.orderTime
    // One at a time: what is ordered too soon waits.
    state.finish = max(state.finish, state.clock) + time
    (state.previous, state.input) = (state.input, input)
    state.record.runs += 1
    if state.record.times.count < Self.recordLimit { state.record.times.append(time) }
  }

  private func wait(_ state: inout State) -> UInt64 {
    state.record.waits += 1
    if honesty == .early {
      // The result of the run before still lies where this one's belongs.
      state.clock += Self.orderTime
      return Self.result(state.previous)
    }
    state.clock = max(state.clock, state.finish)
    return state.isSkipping ? 0 : Self.result(state.input)
  }
}
