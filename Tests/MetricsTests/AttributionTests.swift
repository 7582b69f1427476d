import Metrics
import Testing

@Suite struct AttributionTests {
  /// Two steps that save 10 and 5 ms; without the first 2 ms are lost, without the second 5; every
  /// round is slower than the one before by its number.
  private static let measurement = AttributionMeasurement(
    steps: [("first", "does this"), ("second", "does that")],
    chain: (0..<11).map { [100 + Double($0), 90 + Double($0), 85 + Double($0)] },
    leavingOut: (0..<11).map { [87 + Double($0), 90 + Double($0)] }
  )

  @Test("bars add up to the whole, and drift that hits all alike widens nothing")
  func addsUp() throws {
    let summary = try #require(Self.measurement.summary())
    #expect(summary.start.value == 105)
    #expect(summary.end.value == 90)
    #expect(summary.bars.map(\.change.value) == [-10, -5])
    #expect(summary.bars.map(\.costOfLeavingOut.value) == [2, 5])
    #expect(summary.bars[0].change.lower == -10 && summary.bars[0].change.upper == -10)
    #expect(summary.start.lower < 105 && summary.start.upper > 105)
    #expect(summary.speedup.value == 105.0 / 90)
    #expect(
      summary.bars[0].words
        == "saves 10.00 ms (9.5 % of the start); leaving out only this one costs 2.00 ms"
    )
  }

  @Test("the bars of a kind add up, and the kinds to the whole")
  func kinds() throws {
    let rounds = (0..<11).map(Double.init)
    let measurement = AttributionMeasurement(
      steps: [("a", ""), ("b", ""), ("c", "")],
      kinds: ["fusion", "layout", "fusion"],
      chain: rounds.map { round -> [Double] in [100 + round, 90 + round, 85 + round, 81 + round] },
      leavingOut: (0..<11).map { _ in [81, 81, 81] }
    )
    let summary = try #require(measurement.summary())
    let kinds = try #require(summary.kinds)
    #expect(kinds.map(\.name) == ["fusion", "layout"])
    #expect(kinds.map(\.change.value) == [-14, -5])
    #expect(summary.start.value + kinds.reduce(0) { $0 + $1.change.value } == summary.end.value)
    #expect(summary.bars.map(\.kind) == ["fusion", "layout", "fusion"])
    var crooked = measurement
    crooked.kinds = ["fusion"]
    #expect(crooked.summary() == nil)
    #expect(Self.measurement.summary()?.kinds == nil)
  }

  @Test("bars of noise show no difference")
  func noise() throws {
    var state: UInt64 = 1
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return Double(state >> 33) / Double(1 << 31)
    }
    let measurement = AttributionMeasurement(
      steps: [("nothing", "does nothing")],
      chain: (0..<40).map { _ in [100 + noise(), 100 + noise()] },
      leavingOut: (0..<40).map { _ in [100 + noise()] }
    )
    let bar = try #require(measurement.summary()?.bars.first)
    #expect(bar.change.lower < 0 && bar.change.upper > 0)
    #expect(bar.words.hasPrefix("no difference shown"))
  }

  @Test("measurements of another form than the steps are refused")
  func refusals() {
    var few = Self.measurement
    few.chain = Array(few.chain[..<2])
    few.leavingOut = Array(few.leavingOut[..<2])
    #expect(few.summary() == nil)
    var crooked = Self.measurement
    crooked.chain[3] = [1, 2]
    #expect(crooked.summary() == nil)
  }
}
