import Glibc
import Synchronization

/// Waits for asynchronous work where the caller cannot.
enum Waiting {
  private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Result<Value, any Error>?>(nil)
  }

  /// What `body` gives. The thread that calls is blocked meanwhile, so there must be another one
  /// for the work.
  static func result<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let outcome = Outcome<Value>()
    Task.detached {
      do {
        let value = try await body()
        outcome.value.withLock { $0 = .success(value) }
      } catch { outcome.value.withLock { $0 = .failure(error) } }
    }
    while true {
      if let result = outcome.value.withLock({ $0 }) { return try result.get() }
      usleep(500)
    }
  }
}
