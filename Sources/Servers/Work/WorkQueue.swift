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
    var running: Set<String> = []
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
      if state.running.contains(id) { return 0 }
      return state.waiting.firstIndex { $0.id == id }.map { $0 + 1 }
    }
  }

  /// How many wait and run.
  var counts: (waiting: Int, running: Int) {
    state.withLock { ($0.waiting.count, $0.running.count) }
  }

  /// Begins nothing new.
  func stop() { state.withLock { $0.hasStopped = true } }

  private func advance() {
    let started = state.withLock { state in
      var started: [Job] = []
      while let next = state.waiting.first, !state.hasStopped, !state.isAlone,
        state.running.count < width, !next.runsAlone || state.running.isEmpty
      {
        state.waiting.removeFirst()
        state.running.insert(next.id)
        state.isAlone = next.runsAlone
        started.append(next)
      }
      return started
    }
    for job in started {
      Task.detached {
        await job.body()
        self.finished(job)
      }
    }
  }

  private func finished(_ job: Job) {
    state.withLock { state in
      state.running.remove(job.id)
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
