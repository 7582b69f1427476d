import Dispatch
import Synchronization

/// Runs jobs in order, so many at a time; a job that measures time runs alone.
final class WorkQueue: Sendable {
  /// One job.
  struct Job: Sendable {
    let id: String
    /// Whether nothing else may run meanwhile.
    let runsAlone: Bool
    let body: @Sendable () async -> Void
  }
  private struct State {
    var waiting: [Job] = []
    var running: [String: Task<Void, Never>] = [:]
    var isAlone = false
    var hasStopped = false
  }
  private let state = Mutex(State())
  private let width: Int
  private let limit: Int

  /// - Parameters:
  ///   - width: jobs at a time.
  ///   - limit: jobs that may wait.
  init(width: Int, limit: Int) {
    self.width = max(1, width)
    self.limit = limit
  }

  /// Whether further jobs are taken.
  var hasRoom: Bool { state.withLock { $0.waiting.count < limit && !$0.hasStopped } }

  /// Puts a job at the end; whoever adds one has asked ``hasRoom`` before.
  func add(_ job: Job) {
    state.withLock { $0.waiting.append(job) }
    advance()
  }

  /// How many jobs come before one; 0 while it runs, nil where it is not here.
  func place(_ id: String) -> Int? {
    state.withLock { state in
      if state.running[id] != nil { return 0 }
      return state.waiting.firstIndex { $0.id == id }.map { $0 + 1 }
    }
  }

  /// How many wait and run.
  var counts: (waiting: Int, running: Int) {
    state.withLock { ($0.waiting.count, $0.running.count) }
  }

  /// What became of a job that is to be ended.
  enum Cancelled {
    /// It had not begun, and never will.
    case dropped
    /// It runs, and was told to end.
    case told
    case absent
  }

  /// Ends a job: one that waits is dropped, one that runs has its task cancelled.
  func cancel(_ id: String) -> Cancelled {
    let answer = state.withLock { state -> Cancelled in
      if let task = state.running[id] {
        task.cancel()
        return .told
      }
      guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return .absent }
      state.waiting.remove(at: index)
      return .dropped
    }
    // What waited behind it may begin.
    if answer == .dropped { advance() }
    return answer
  }

  /// Begins nothing new.
  func stop() { state.withLock { $0.hasStopped = true } }

  private func advance() {
    state.withLock { state in
      while let next = state.waiting.first, !state.hasStopped, !state.isAlone,
        state.running.count < width, !next.runsAlone || state.running.isEmpty
      {
        state.waiting.removeFirst()
        state.isAlone = next.runsAlone
        state.running[next.id] = Task.detached {
          await next.body()
          self.finished(next)
        }
      }
    }
  }

  private func finished(_ job: Job) {
    state.withLock { state in
      state.running[job.id] = nil
      if job.runsAlone { state.isAlone = false }
    }
    advance()
  }
}

/// Runs what blocks on a thread that nobody else needs.
func onThread<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: Swift.Result { try body() }) }
  }
}
