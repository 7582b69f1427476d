import Metrics
import Testing

@Suite struct LatencySummaryTests {
  @Test func percentilesAreNearestRank() throws {
    // Source: nearest rank, ⌈p / 100 · n⌉; 15 20 35 40 50: P50 is the third.
    let few = try #require(LatencySummary(milliseconds: [50, 15, 40, 20, 35], warmUpCount: 2))
    #expect(few.p50 == 35)
    #expect(few.p90 == 50)
    #expect(few.p99 == 50)
    #expect(few.mean == 32)
    #expect(few.minimum == 15)
    #expect(few.maximum == 50)
    let hundred = try #require(LatencySummary(milliseconds: (1...100).map(Double.init)))
    #expect([hundred.p50, hundred.p90, hundred.p99] == [50, 90, 99])
  }

  @Test func oneRunIsEveryPercentile() throws {
    let one = try #require(LatencySummary([.microseconds(1500)]))
    #expect([one.p50, one.p90, one.p99, one.mean] == [1.5, 1.5, 1.5, 1.5])
    #expect(one.words == "P50 1.5 ms, P90 1.5 ms, P99 1.5 ms (1 runs after 0 warm-up)")
  }

  @Test func noRunIsNoSummary() { #expect(LatencySummary(milliseconds: []) == nil) }
}
