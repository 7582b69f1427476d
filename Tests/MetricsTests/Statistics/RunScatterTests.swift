import Foundation
import TestSupport
import Testing

@testable import Metrics

/// Runs at different times: the machine as a whole is faster or slower in each, the control kernel
/// feels most of that, and a little is left.
@Suite struct RunScatterTests {
  private func run(_ generator: inout SeededGenerator, slowdown: Double) -> ControlSeries {
    func normal() -> Double {
      let first = Double(generator.next() >> 11) * 0x1p-53
      let second = Double(generator.next() >> 11) * 0x1p-53
      return (-2 * Foundation.log(1 - first)).squareRoot() * cos(2 * .pi * second)
    }
    let machine = Foundation.exp(0.15 * normal())
    let rest = Foundation.exp(0.015 * normal())
    var series = ControlSeries(kernel: "k", controlMilliseconds: [], networkMilliseconds: [])
    for _ in 0..<30 {
      let moment = machine * Foundation.exp(0.03 * normal())
      series.controlMilliseconds.append(2 * moment * Foundation.exp(0.01 * normal()))
      series.networkMilliseconds.append(
        20 * slowdown * rest * moment * Foundation.exp(0.01 * normal())
      )
    }
    return series
  }

  private func outcomes(slowdown: Double, history: Int) -> [Verdict.Outcome] {
    (0..<100).map { index in
      var generator = SeededGenerator(seed: UInt64(index) &* 104_729 &+ 11)
      let earlier = (0..<max(history, 1)).map { _ in run(&generator, slowdown: 1) }
      let later = run(&generator, slowdown: slowdown)
      return Verdict(
        baseline: "run 1",
        candidate: "this run",
        earlier: earlier[0],
        later: later,
        scatter: RunScatter(history > 1 ? earlier : [])
      ).outcome
    }
  }

  @Test(arguments: [1, 5, 10])
  func sameBuildIsCalledDifferentAtMostOnceInTwenty(history: Int) {
    let alarms = outcomes(slowdown: 1, history: history).count { $0 != .noDifference }
    #expect(alarms <= 5, "\(alarms) of 100")
  }

  @Test(arguments: [1, 10])
  func aTenthSlowerIsFound(history: Int) {
    let found = outcomes(slowdown: 1.1, history: history).count { $0 == .slower }
    #expect(found >= 75, "\(found) of 100")
  }

  @Test func otherKernelsDoNotCompare() {
    var generator = SeededGenerator(seed: 1)
    let first = run(&generator, slowdown: 1)
    var second = run(&generator, slowdown: 1)
    second.kernel = "another"
    let verdict = Verdict(
      baseline: "a",
      candidate: "b",
      earlier: first,
      later: second,
      scatter: .assumed
    )
    #expect(verdict.outcome == .undecided)
  }

  @Test func fewRunsTellNothing() {
    var generator = SeededGenerator(seed: 1)
    let runs = (0..<10).map { _ in run(&generator, slowdown: 1) }
    #expect(RunScatter(Array(runs.prefix(4))) == .assumed)
    let scatter = RunScatter(runs)
    #expect(scatter.runCount == 10)
    #expect(scatter.standardDeviation > 0.008 && scatter.standardDeviation < 0.025)
  }
}
