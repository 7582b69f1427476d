import CNativeThreads
import Glibc
import Synchronization
import Testing

@testable import BackendsNative

/// Each task runs once, whatever the number of threads, tasks and teams.
@Suite struct ThreadTeamTests {
  private final class Counts: Sendable {
    let runs: [Atomic64]
    init(_ count: Int) { runs = (0..<count).map { _ in Atomic64() } }
  }
  private final class Atomic64: Sendable {
    let value = Atomic<Int>(0)
  }

  @Test(arguments: [1, 2, 3, 8]) func everyTaskRunsOnce(_ threads: Int) throws {
    let team = try ThreadTeam(threads)
    for round in 0..<300 {
      let count = [0, 1, 2, 3, threads, 17, 100][round % 7]
      let counts = Counts(count)
      let workers = Counts(threads)
      team.run(count) { task, worker in
        counts.runs[task].value.wrappingAdd(1, ordering: .relaxed)
        workers.runs[worker].value.wrappingAdd(1, ordering: .relaxed)
      }
      #expect(counts.runs.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
      #expect(workers.runs.reduce(0) { $0 + $1.value.load(ordering: .relaxed) } == count)
      // Now and then long enough for the others to fall asleep.
      if round % 50 == 0 { usleep(2000) }
    }
  }

  /// What tasks write is seen by whoever runs next, without anything else between them.
  @Test func resultsAreVisibleAfterARun() throws {
    let team = try ThreadTeam(3)
    let cells = UnsafeMutableBufferPointer<Int>.allocate(capacity: 128)
    defer { cells.deallocate() }
    cells.initialize(repeating: 0)
    // Each task writes a cell of its own in one half and reads another's in the other half, which
    // the run before wrote.
    nonisolated(unsafe) let shared = cells
    for run in 0..<500 {
      let (old, new) = (run % 2 * 64, (run + 1) % 2 * 64)
      team.run(64) { task, _ in shared[new + task] = shared[old + (task * 7) % 64] + 1 }
    }
    #expect(cells.prefix(64).allSatisfy { $0 == 500 })
  }

  @Test func teamsWorkAtTheSameTime() async throws {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        group.addTask {
          guard let team = try? ThreadTeam(2) else { return false }
          var sum = 0
          for _ in 0..<200 {
            let counts = Counts(8)
            team.run(8) { task, _ in counts.runs[task].value.wrappingAdd(task, ordering: .relaxed) }
            sum += counts.runs.reduce(0) { $0 + $1.value.load(ordering: .relaxed) }
          }
          return sum == 200 * 28
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test func teamsComeAndGo() throws {
    for _ in 0..<200 {
      let team = try ThreadTeam(4)
      if Bool.random() { team.run(4) { _, _ in } }
    }
  }
}
