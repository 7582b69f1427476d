import Diagnostics
import Glibc

/// A thread for work that waits: Swift's own pool has as many threads as there are processors, and
/// must not be blocked.
final class WorkerThread: @unchecked Sendable {
  // Written once by `init`, read by `join`.
  private var thread = pthread_t()

  /// Starts a thread.
  /// - Throws: `stream.no-thread`.
  init(_ body: @escaping @Sendable () -> Void) throws {
    let work = Unmanaged.passRetained(Work(body))
    let failure = pthread_create(
      &thread,
      nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      },
      work.toOpaque()
    )
    guard failure == 0 else {
      work.release()
      throw DeployError(
        .streamNoThread,
        "a thread cannot be started: \(String(cString: strerror(failure)))",
        remedy: "use --stream off"
      )
    }
  }

  /// Waits for the end. Called once.
  func join() { pthread_join(thread, nil) }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

extension Diagnostic.ID {
  /// The system gives no more threads.
  static let streamNoThread: Self = "stream.no-thread"
  /// Work that somebody called off.
  static let streamCancelled: Self = "stream.cancelled"
}
