package import Metrics

/// Measures several things in turns, A B … B A, round after round.
package struct InterleavedRounds {
  /// How many things.
  package let count: Int
  /// How long, in seconds; up to three times as long where a verdict needs more rounds.
  package let seconds: Double

  package init(count: Int, seconds: Double) {
    (self.count, self.seconds) = (count, seconds)
  }

  /// The legs of one thing: two for each round.
  package typealias Legs = [[Double]]

  /// Runs rounds until the time is over.
  /// - Parameters:
  ///   - progress: told the share done, 0 to 1, after each leg.
  ///   - leg: measures one of the things, given by its number, for a moment.
  /// - Returns: the legs of each thing, in milliseconds.
  package func run(progress: (Double) -> Void, leg: (Int) throws -> Double) rethrows -> [Legs] {
    var legs = [Legs](repeating: [], count: count)
    let least = count > 1 ? Verdict.minimumBlockCount : 1
    let start = ContinuousClock.now
    var elapsed = 0.0
    var rounds = 0
    repeat {
      var round = [[Double]](repeating: [], count: count)
      for index in Array(0..<count) + (0..<count).reversed() {
        round[index].append(try leg(index))
        elapsed = (ContinuousClock.now - start) / .seconds(1)
        let share = count > 1 ? Double(rounds) / Double(least) : 1
        progress(min(elapsed / seconds, max(share, elapsed / seconds / 3), 1))
      }
      for index in 0..<count { legs[index].append(round[index]) }
      rounds += 1
    } while elapsed < seconds || (rounds < least && elapsed < 3 * seconds)
    return legs
  }

  /// The rounds of two things as blocks.
  package static func blocks(_ baseline: Legs, _ candidate: Legs) -> [InterleavedBlock] {
    zip(baseline, candidate).map { InterleavedBlock(baseline: $0, candidate: $1) }
  }
}
