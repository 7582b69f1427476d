import Foundation
import TestSupport
import Testing

@testable import Metrics

/// Laws on synthetic noise that looks like a shared machine's: neighbouring runs resemble each
/// other, and now and then one takes far longer.
@Suite struct VerdictTests {
  /// Latencies in milliseconds that drift (an autoregressive process), with bursts.
  struct NoisyMachine {
    var generator: SeededGenerator
    var memory: Double
    var level = 0.0
    var burst = 1.0
    var burstRuns = 0

    init(seed: UInt64, memory: Double) {
      generator = SeededGenerator(seed: seed)
      self.memory = memory
    }

    mutating func normal() -> Double {
      let (first, second) = (uniform(), uniform())
      return (-2 * Foundation.log(1 - first)).squareRoot() * cos(2 * .pi * second)
    }

    mutating func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

    mutating func run(_ milliseconds: Double) -> Double {
      level = memory * level + 0.03 * (1 - memory * memory).squareRoot() * normal()
      if burstRuns > 0 { burstRuns -= 1 } else { burst = 1 }
      if uniform() < 0.01 {
        // A foreign load of Pareto size for a few runs.
        burst = 1 + 0.2 / Foundation.pow(1 - uniform(), 0.7)
        burstRuns = 5
      }
      return milliseconds * Foundation.exp(level + 0.01 * normal()) * burst
    }

    mutating func block(_ a: Double, _ b: Double) -> InterleavedBlock {
      let first = run(a)
      let middle = [run(b), run(b)]
      return InterleavedBlock(baseline: [first, run(a)], candidate: middle)
    }
  }

  func verdicts(
    count: Int,
    blocks: Int,
    memory: Double,
    slowdown: Double,
    smallest: Double
  ) -> [Verdict.Outcome] {
    (0..<count).map { index in
      var machine = NoisyMachine(seed: UInt64(index) &* 7919 &+ 3, memory: memory)
      let series = (0..<blocks).map { _ in machine.block(20, 20 * slowdown) }
      return Verdict(
        baseline: "A",
        candidate: "B",
        quantity: "engine",
        blocks: series,
        smallestDifference: smallest
      ).outcome
    }
  }

  /// The interval alone keeps its promise of 95 %, before the smallest difference helps.
  @Test(arguments: [0.0, 0.5, 0.9, 0.99], [12, 40])
  func theIntervalMissesOnceInTwenty(memory: Double, blocks: Int) {
    let outcomes = verdicts(count: 200, blocks: blocks, memory: memory, slowdown: 1, smallest: 0)
    let alarms = outcomes.count { $0 != .noDifference }
    // A true rate of 5 % gives more than 18 of 200 once in 150 repetitions; more than none because
    // an interval that never misses would be too wide to find anything.
    #expect((2...18).contains(alarms), "memory \(memory), \(blocks) blocks: \(alarms) of 200")
  }

  @Test(arguments: [0.0, 0.5, 0.9, 0.99], [12, 40])
  func sameBuildIsCalledDifferentAtMostOnceInTwenty(memory: Double, blocks: Int) {
    let outcomes = verdicts(
      count: 200,
      blocks: blocks,
      memory: memory,
      slowdown: 1,
      smallest: 0.01
    )
    let alarms = outcomes.count { $0 != .noDifference }
    #expect(alarms <= 10, "memory \(memory), \(blocks) blocks: \(alarms) of 200")
  }

  @Test(arguments: [0.0, 0.5, 0.9, 0.99])
  func aTenthSlowerIsFound(memory: Double) {
    let outcomes = verdicts(count: 100, blocks: 24, memory: memory, slowdown: 1.1, smallest: 0.01)
    #expect(outcomes.count { $0 == .slower } >= 95)
    #expect(!outcomes.contains(.faster))
  }

  @Test func wordsSayHowMuch() {
    func verdict(_ ratio: Double, _ spread: Double) -> Verdict {
      let blocks = (0..<40).map { index in
        let wobble = 1 + spread * (Double(index % 5) - 2)
        return InterleavedBlock(baseline: [10, 10], candidate: [10 * ratio * wobble])
      }
      return Verdict(baseline: "A", candidate: "B", quantity: "engine", blocks: blocks)
    }
    #expect(verdict(0.969, 0.002).words.hasPrefix("B faster by 3.1 % ["))
    #expect(verdict(1.1, 0.002).words.hasPrefix("B slower by 10.0 % ["))
    #expect(verdict(3, 0.002).words.hasPrefix("B takes 3.0 times as long ["))
    #expect(verdict(1, 0.002).words == "no difference shown")
    // Certain, but too small to be worth a name.
    #expect(verdict(1.005, 0.0001).outcome == .noDifference)
    #expect(verdict(0.969, 0.002).detail.hasPrefix("engine time of B against A: -3.1 % ["))
  }

  @Test func fewRoundsSayNothing() {
    let blocks = [InterleavedBlock](
      repeating: InterleavedBlock(baseline: [10, 10], candidate: [20, 20]),
      count: 11
    )
    let verdict = Verdict(baseline: "A", candidate: "B", quantity: "engine", blocks: blocks)
    #expect(verdict.outcome == .undecided)
    #expect(verdict.words == "too few rounds to say (11 of at least 12)")
  }

  @Test func whatCannotBeTrustedIsNotJudged() {
    let blocks = [InterleavedBlock](
      repeating: InterleavedBlock(baseline: [10, 10], candidate: [20, 20]),
      count: 40
    )
    let verdict = Verdict(
      baseline: "A",
      candidate: "B",
      quantity: "engine",
      blocks: blocks,
      obstacle: "others were busy"
    )
    #expect(verdict.outcome == .undecided)
    #expect(verdict.words == "cannot be judged: others were busy")
    #expect(verdict.ratio == 2)
  }

  @Test func brokenTimesAreLeftOut() {
    #expect(InterleavedBlock(baseline: [0, 1], candidate: [1, 1]).logRatio == nil)
    #expect(InterleavedBlock(baseline: [1, .nan], candidate: [1, 1]).logRatio == nil)
    #expect(InterleavedBlock(baseline: [], candidate: [1]).logRatio == nil)
    #expect(InterleavedBlock(baseline: [1, 4], candidate: [2, 2]).logRatio == 0)
  }

  @Test func sameSeedSameInterval() throws {
    let values = (0..<50).map { sin(Double($0)) }
    let first = try #require(BlockBootstrap(seed: 5).estimate(values))
    #expect(first == BlockBootstrap(seed: 5).estimate(values))
    #expect(first != BlockBootstrap(seed: 6).estimate(values))
    #expect(first.lower < first.value && first.value < first.upper)
  }

  /// Source: R, `qt(0.975, c(1, 2, 5, 10, 30))`.
  @Test(arguments: [(1, 12.706205), (2, 4.302653), (5, 2.570582), (10, 2.228139), (30, 2.042272)])
  func studentQuantiles(freedom: Int, expected: Double) {
    #expect(abs(StudentT.quantile(0.975, degreesOfFreedom: freedom) - expected) < 1e-5)
  }
}
