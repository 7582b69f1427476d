import Backends
import Glibc
import Metrics
import Pipelines

/// Several sessions timed in turns, so that whatever slows the machine slows all of them.
struct TurnTimes {
  /// Two legs of each session for each round, in milliseconds.
  let legs: [InterleavedRounds.Legs]

  /// Measures; a leg is the median of at least three runs after one that is not timed.
  /// - Parameter seconds: how long; longer where twelve rounds take longer.
  init(
    seconds: Double,
    _ runs: [() throws -> Void],
    progress: ProgressHandler
  ) throws {
    progress(.began(stage: "measure", total: 100))
    for run in runs { try run() }
    legs = try InterleavedRounds(count: runs.count, seconds: seconds).run(
      progress: { progress(.advanced(Int($0 * 100))) },
      leg: { index in
        try Task.checkCancellation()
        try runs[index]()
        var times: [Double] = []
        let begin = ContinuousClock.now
        // Short runs need more of them: the first still finds the caches full of another network.
        while times.count < 3
          || (times.count < 31 && ContinuousClock.now - begin < .milliseconds(6))
        {
          let start = ContinuousClock.now
          try runs[index]()
          times.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        return times.sorted()[times.count / 2]
      }
    )
    progress(.finished(summary: "\(legs[0].count) rounds of \(runs.count)"))
  }

  /// The middle time of one, in milliseconds.
  func median(_ index: Int) -> Double {
    let all = legs[index].flatMap { $0 }.sorted()
    return all[all.count / 2]
  }

  /// How many times as long the first takes as the second, with its 95 % interval.
  func ratio(_ first: Int, to second: Int) -> BlockBootstrap.Estimate {
    let verdict = Metrics.Verdict(
      baseline: "\(second)",
      candidate: "\(first)",
      quantity: "run",
      blocks: InterleavedRounds.blocks(legs[second], legs[first])
    )
    return BlockBootstrap.Estimate(
      value: verdict.ratio,
      lower: verdict.lower,
      upper: verdict.upper
    )
  }
}
