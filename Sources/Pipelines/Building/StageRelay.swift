import Backends
import Synchronization

/// Passes a backend's progress on as one stage with steps.
final class StageRelay: Sendable {
  private let total = Mutex(0)
  private let handler: ProgressHandler

  init(_ handler: @escaping ProgressHandler) { self.handler = handler }

  func take(_ progress: PlanBuildProgress) {
    let isNew = total.withLock { total in
      defer { total = progress.total }
      return total != progress.total
    }
    if isNew { handler(.began(stage: "build", total: progress.total)) }
    handler(.advanced(progress.completed))
  }
}
