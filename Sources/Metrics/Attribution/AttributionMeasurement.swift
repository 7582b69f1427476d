/// The times that an attribution is made of.
public struct AttributionMeasurement: Sendable {
  /// The optimisations in the order in which they are switched on: name and summary.
  public var steps: [(name: String, summary: String)]
  /// What each step works on, such as `fusion`; empty where that is not told.
  public var kinds: [String]
  /// Per round: the time of each configuration of the chain in milliseconds, from everything off
  /// to everything on; `steps.count + 1` each.
  public var chain: [[Double]]
  /// Per round: the time with only one optimisation off, in milliseconds; `steps.count` each.
  public var leavingOut: [[Double]]

  /// Creates a measurement.
  public init(
    steps: [(name: String, summary: String)],
    kinds: [String] = [],
    chain: [[Double]],
    leavingOut: [[Double]]
  ) {
    self.steps = steps
    self.kinds = kinds
    self.chain = chain
    self.leavingOut = leavingOut
  }

  /// The times of everything off and everything on, their quotient, and the steps between.
  public typealias Summary = (
    start: Attribution.TimeInterval, end: Attribution.TimeInterval,
    speedup: Attribution.TimeInterval, bars: [Attribution.Bar], kinds: [Attribution.Kind]?
  )

  /// Medians over the rounds, whose differences add up exactly; intervals by drawing whole rounds,
  /// so that load that hits one round hits all of its configurations together.
  /// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 6 and 13.
  public func summary(drawCount: Int = 2000, seed: UInt64 = 1) -> Summary? {
    guard chain.count >= 3, chain.count == leavingOut.count,
      chain.allSatisfy({ $0.count == steps.count + 1 }),
      leavingOut.allSatisfy({ $0.count == steps.count }),
      kinds.isEmpty || kinds.count == steps.count
    else { return nil }
    let whole = Figures(self, rounds: Array(chain.indices))
    var random = SplitMix(seed: seed)
    let drawn = (0..<drawCount).map { _ in
      Figures(self, rounds: chain.indices.map { _ in random.index(below: chain.count) })
    }
    func interval(_ figure: (Figures) -> Double) -> Attribution.TimeInterval {
      let sorted = drawn.map(figure).sorted()
      return Attribution.TimeInterval(
        value: figure(whole),
        lower: sorted[sorted.count * 25 / 1000],
        upper: sorted[sorted.count * 975 / 1000]
      )
    }
    let bars = steps.indices.map { index in
      let change = interval { $0.chain[index + 1] - $0.chain[index] }
      let cost = interval { $0.leavingOut[index] - ($0.chain.last ?? 0) }
      return Attribution.Bar(
        name: steps[index].name,
        summary: steps[index].summary,
        change: change,
        costOfLeavingOut: cost,
        words: Self.words(change, cost, of: whole.chain[0]),
        kind: kinds.isEmpty ? nil : kinds[index]
      )
    }
    var names: [String] = []
    for kind in kinds where !names.contains(kind) { names.append(kind) }
    let sums = names.map { name in
      Attribution.Kind(
        name: name,
        change: interval { figures in
          kinds.indices.reduce(0) { sum, index in
            kinds[index] == name
              ? sum + figures.chain[index + 1] - figures.chain[index] : sum
          }
        }
      )
    }
    let (start, end) = (interval { $0.chain[0] }, interval { $0.chain.last ?? 0 })
    let speedup = interval { $0.chain[0] / max($0.chain.last ?? 0, 1e-9) }
    return (start, end, speedup, bars, kinds.isEmpty ? nil : sums)
  }

  private struct Figures {
    let chain: [Double]
    let leavingOut: [Double]

    init(_ measurement: AttributionMeasurement, rounds: [Int]) {
      func median(_ values: (Int) -> Double) -> Double {
        let sorted = rounds.map(values).sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
      }
      let count = measurement.steps.count
      chain = (0...count).map { index in median { measurement.chain[$0][index] } }
      leavingOut = (0..<count).map { index in median { measurement.leavingOut[$0][index] } }
    }
  }

  private static func words(
    _ change: Attribution.TimeInterval,
    _ cost: Attribution.TimeInterval,
    of start: Double
  ) -> String {
    func milliseconds(_ value: Double) -> String { "\(rounded(abs(value), 2)) ms" }
    let share = "\(rounded(abs(change.value) / max(start, 1e-9) * 100, 1)) % of the start"
    let gain =
      if change.upper < 0 {
        "saves \(milliseconds(change.value)) (\(share))"
      } else if change.lower > 0 {
        "costs \(milliseconds(change.value)) (\(share))"
      } else {
        "no difference shown"
      }
    let without =
      if cost.lower > 0 {
        "leaving out only this one costs \(milliseconds(cost.value))"
      } else if cost.upper < 0 {
        "leaving out only this one saves \(milliseconds(cost.value))"
      } else {
        "leaving out only this one shows no difference"
      }
    return "\(gain); \(without)"
  }
}
