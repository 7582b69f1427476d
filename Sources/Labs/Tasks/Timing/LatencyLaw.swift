import Glibc
import Metrics

/// How long a simulated device takes: the law that a benchmark is to find out. All times in nanoseconds.
struct LatencyLaw: Sendable {
  /// The usual time.
  var base: Double
  /// The spread of its logarithm.
  var spread: Double
  /// The first runs are slower: by `warmUp` times the base, falling with this many runs.
  var warmUp: Double
  var warmUpRuns: Double
  /// How often a run stalls, and for how long: between these.
  var stallShare: Double
  var stall: (low: Double, high: Double)
  /// The slow clock: by what factor, how much of the time, and for how many runs at once.
  var slowFactor = 1.0
  var slowShare = 0.0
  var slowRuns = 20.0

  /// The chance that a run takes at most `time`, once the device is warm.
  func probability(_ time: Double) -> Double {
    var sum = 0.0
    for (factor, share) in [(1.0, 1 - slowShare), (slowFactor, slowShare)] where share > 0 {
      let usual = Self.normal(log(time / (base * factor)) / spread)
      // Over the spread of the usual time, in 41 steps.
      var (stalled, weight) = (0.0, 0.0)
      for step in -20...20 {
        let z = Double(step) / 5
        let density = exp(-z * z / 2)
        let rest = time - base * factor * exp(spread * z) - stall.low
        stalled += density * min(1, max(0, rest / (stall.high - stall.low)))
        weight += density
      }
      sum += share * ((1 - stallShare) * usual + stallShare * stalled / weight)
    }
    return sum
  }

  /// The time that a share of the runs keeps.
  func quantile(_ share: Double) -> Double {
    var (low, high) = (base / 10, (base * slowFactor + stall.high) * 4)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if probability(middle) < share { low = middle } else { high = middle }
    }
    return high
  }

  /// The mean time of a warm device.
  var mean: Double {
    let usual = base * exp(spread * spread / 2) * (1 + slowShare * (slowFactor - 1))
    return usual + stallShare * (stall.low + stall.high) / 2
  }

  private static func normal(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

  /// The times of runs, one after the other.
  struct Sequence {
    let law: LatencyLaw
    var random: SplitMix
    private var count = 0.0
    private var isSlow = false

    init(_ law: LatencyLaw, seed: UInt64) {
      self.law = law
      random = SplitMix(seed: seed)
      isSlow = random.fraction() < law.slowShare
    }

    mutating func next() -> Double {
      let leaving = 1 / law.slowRuns
      let entering = law.slowShare > 0 ? leaving * law.slowShare / (1 - law.slowShare) : 0
      if random.fraction() < (isSlow ? leaving : entering) { isSlow.toggle() }
      // Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
      let radius = (-2 * log(1 - random.fraction())).squareRoot()
      let z = radius * cos(2 * .pi * random.fraction())
      var time = law.base * exp(law.spread * z) * (isSlow ? law.slowFactor : 1)
      if random.fraction() < law.stallShare {
        time += law.stall.low + (law.stall.high - law.stall.low) * random.fraction()
      }
      time += law.base * law.warmUp * exp(-count / law.warmUpRuns)
      count += 1
      return time
    }
  }
}
