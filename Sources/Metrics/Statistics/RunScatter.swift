import Glibc

/// How far runs of the same build at different times lie apart, beyond what shows within a run.
public struct RunScatter: Sendable, Hashable, Codable {
  /// What is assumed until runs tell: see `Benchmarks/README.md`.
  public static let assumed = RunScatter(standardDeviation: 0.02, runCount: 0)
  /// The fewest runs that tell.
  public static let minimumRunCount = 5

  /// The standard deviation of ln(time).
  public var standardDeviation: Double
  /// From how many runs; 0 means that it is assumed.
  public var runCount: Int

  init(standardDeviation: Double, runCount: Int) {
    self.standardDeviation = standardDeviation
    self.runCount = runCount
  }

  /// From earlier runs of the same configuration, at least five, otherwise assumed. Never below
  /// half a per cent: few runs can lie together by chance.
  public init(_ runs: [ControlSeries]) {
    let levels = runs.map(\.logRatios).filter { $0.count >= 4 }.map { ratios in
      var ratios = ratios
      return BlockBootstrap.trimmedMean(&ratios)
    }
    guard levels.count >= Self.minimumRunCount else {
      self = .assumed
      return
    }
    let mean = levels.reduce(0, +) / Double(levels.count)
    let squares = levels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(levels.count - 1)).squareRoot()
    self.init(standardDeviation: max(deviation, 0.005), runCount: levels.count)
  }

  /// How many standard deviations a difference of two runs takes to be one.
  func quantile(confidence: Double) -> Double {
    let freedom = runCount > 0 ? runCount - 1 : 200
    return StudentT.quantile(1 - (1 - confidence) / 2, degreesOfFreedom: freedom)
  }
}

extension ControlSeries {
  /// ln(network / control) of each leg.
  var logRatios: [Double] {
    zip(networkMilliseconds, controlMilliseconds).compactMap { network, control in
      guard network > 0, control > 0, network.isFinite, control.isFinite else { return nil }
      return log(network / control)
    }
  }

  /// ln(network / control) with its interval within the run; nil where there are too few legs.
  func level(_ bootstrap: BlockBootstrap = BlockBootstrap()) -> BlockBootstrap.Estimate? {
    bootstrap.estimate(logRatios)
  }
}

extension Verdict {
  /// Judges two runs at different times by the ratio of the network's time to that of a control
  /// kernel timed in turns with it. The interval holds what varies within each run and how far
  /// runs of the same build lie apart.
  public init(
    baseline: String,
    candidate: String,
    earlier: ControlSeries,
    later: ControlSeries,
    scatter: RunScatter,
    smallestDifference: Double = 0.01,
    obstacle: String? = nil,
    bootstrap: BlockBootstrap = BlockBootstrap()
  ) {
    var estimate: BlockBootstrap.Estimate?
    if earlier.kernel == later.kernel, let first = earlier.level(bootstrap),
      let second = later.level(bootstrap)
    {
      let difference = second.value - first.value
      let quantile = scatter.quantile(confidence: bootstrap.confidence)
      let between = quantile * 2.0.squareRoot() * scatter.standardDeviation
      func half(_ side: (BlockBootstrap.Estimate) -> Double) -> Double {
        let (one, other) = (side(first), side(second))
        return (one * one + other * other + between * between).squareRoot()
      }
      estimate = BlockBootstrap.Estimate(
        value: difference,
        lower: difference - half { ($0.upper - $0.lower) / 2 },
        upper: difference + half { ($0.upper - $0.lower) / 2 }
      )
    }
    self.init(
      baseline: baseline,
      candidate: candidate,
      quantity: "engine",
      logRatio: estimate,
      confidence: bootstrap.confidence,
      smallestDifference: smallestDifference,
      design: .apart,
      obstacle: obstacle,
      blockCount: 0,
      runCount: earlier.networkMilliseconds.count + later.networkMilliseconds.count
    )
  }
}
