import Metrics

/// What two programs took, measured in turns.
struct ProgramSeries {
  /// Whether from file bytes to detections, instead of the network alone.
  let isQuery: Bool
  private var tallies = [FrameworkTally(), FrameworkTally()]
  private var starts: [[Double]] = [[], []]
  private var legs: [InterleavedRounds.Legs] = [[], []]

  init(isQuery: Bool) { self.isQuery = isQuery }

  private static let warmUpMilliseconds = 1000.0

  /// Asks both by turns.
  /// - Parameter seconds: how long for each.
  mutating func measure(
    _ peers: [FrameworkPeer],
    seconds: Double,
    _ progress: @escaping ProgressHandler
  ) throws {
    for (index, peer) in peers.enumerated() {
      let reply = try peer.leg(milliseconds: Self.warmUpMilliseconds, isQuery: isQuery)
      tallies[index].warmUpCount = reply.milliseconds?.count ?? 0
    }
    progress(.began(stage: isQuery ? "end to end" : "engine", total: 1000))
    let rounds = InterleavedRounds(count: peers.count, seconds: seconds * Double(peers.count))
    let clock = ContinuousClock()
    let start = clock.now
    legs = try rounds.run(progress: { progress(.advanced(Int($0 * 1000))) }) { index in
      try Task.checkCancellation()
      let began = (clock.now - start) / .seconds(1)
      let reply = try peers[index].leg(milliseconds: BenchGroup.legMilliseconds, isQuery: isQuery)
      var moment = began
      for time in reply.milliseconds ?? [] {
        starts[index].append(moment)
        moment += time / 1000
      }
      return tallies[index].add(reply)
    }
    progress(.finished(summary: counted(legs.first?.count ?? 0, "round")))
  }

  func latency(_ index: Int) -> LatencySeries? {
    LatencySeries(
      milliseconds: tallies[index].milliseconds,
      seconds: starts[index],
      warmUpCount: tallies[index].warmUpCount
    )
  }

  /// This program, the second, against the other.
  func verdict(_ other: String, threadCount: Int, seed: UInt64) -> Verdict {
    Verdict(
      baseline: other,
      candidate: ProgramJob.ownName,
      quantity: isQuery ? "end-to-end" : "engine",
      blocks: InterleavedRounds.blocks(legs[0], legs[1]),
      runCount: tallies[0].milliseconds.count + tallies[1].milliseconds.count,
      obstacle: obstacle(threadCount),
      bootstrap: BlockBootstrap(seed: seed)
    )
  }

  /// Why nothing can be judged: a program got less than half of the processor that it needs, so
  /// that its times are mostly waiting. Queries have parts that use one thread only.
  private func obstacle(_ threadCount: Int) -> String? {
    let loads = tallies.filter { $0.wallSeconds > 0 && $0.processorSeconds > 0 }
      .map { $0.processorSeconds / $0.wallSeconds }
    let needed = isQuery ? 1 : Double(threadCount)
    guard let least = loads.min(), least < needed / 2 else { return nil }
    return "a program got \(Int((least * 100).rounded())) % of a processor"
  }
}
