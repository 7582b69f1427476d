import Backends
import CNativeThreads
import Diagnostics

/// Threads that stay between runs; the caller is one of them. One owner, one run at a time.
final class ThreadTeam {
  let count: Int
  private let team: OpaquePointer
  private static let limit = 1024

  init(_ count: Int) throws {
    self.count = count
    guard (1...Self.limit).contains(count), let team = native_team_create(Int32(count)) else {
      throw DeployError(
        .backendFailed,
        "\(count) threads cannot be started",
        remedy: "use 1 to \(Self.processorCount) with --threads"
      )
    }
    self.team = team
  }

  deinit { native_team_free(team) }

  /// The number of processors that this process may use.
  static var processorCount: Int { Int(native_processor_count()) }

  /// Runs each task once, spread over the threads. `body` gets the task and the worker. It may
  /// escape because one that may not would be put into memory of its own for each run.
  func run(_ taskCount: Int, _ body: @escaping (Int, Int) -> Void) {
    guard count > 1, taskCount > 1 else {
      for task in 0..<taskCount { body(task, 0) }
      return
    }
    var context = Body(call: body)
    withUnsafeMutablePointer(to: &context) { context in
      let call: native_task = { context, task, worker in
        context.assumingMemoryBound(to: Body.self).pointee.call(Int(task), Int(worker))
      }
      native_team_run(team, Int32(taskCount), call, UnsafeMutableRawPointer(context))
    }
  }

  private struct Body {
    let call: (Int, Int) -> Void
  }
}
