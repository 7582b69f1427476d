import Testing

@testable import Metrics

@Suite struct QueryRuleTests {
  /// Source: MLPerf Inference Rules, "Early Stopping Criterion": 64 queries at the 90th, 662 at
  /// the 99th percentile.
  @Test(arguments: [(90, 64), (99, 662)])
  func fewestQueriesAreMLPerfs(percentile: Int, count: Int) {
    #expect(QueryRule.fewestQueries(percentile: percentile) == count)
  }

  @Test func theBoundIsTheSlowestOfTheFewest() throws {
    let times = (1...64).map(Double.init)
    #expect(QueryRule.bound(times, percentile: 90) == 64)
    #expect(QueryRule.bound(Array(times.dropLast()), percentile: 90) == nil)
    // With many, it comes near the percentile itself, from above.
    let many = (1...10_000).map(Double.init)
    let bound = try #require(QueryRule.bound(many, percentile: 90))
    #expect(bound > 9_000 && bound < 9_100)
  }

  @Test func aShortRunSaysSo() {
    let few = QueryRule(.single, milliseconds: [1, 2, 3], pictureCount: 3, seconds: 1)
    #expect(!few.isFull)
    #expect(few.statablePercentile == nil)
    #expect(few.words.contains("too few to state P90, which takes 64"))
    let some = QueryRule(
      .multi,
      milliseconds: [Double](repeating: 1, count: 100),
      pictureCount: 800,
      seconds: 1
    )
    #expect(some.statablePercentile == 90)
    #expect(some.words.contains("too few to state P99, which takes 662; P90 can be"))
  }

  @Test func aFullRunSaysSo() {
    let times = [Double](repeating: 500, count: 1_200)
    let rule = QueryRule(.single, milliseconds: times, pictureCount: 1_200, seconds: 600)
    #expect(rule.isFull)
    #expect(rule.percentileBound == 500)
    let offline = QueryRule(.offline, milliseconds: [], pictureCount: 24_576, seconds: 600)
    #expect(offline.isFull)
  }

  @Test func seriesAreBoundedButSummariesAreWhole() throws {
    let times = (0..<12_001).map(Double.init)
    let series = try #require(LatencySeries(milliseconds: times, seconds: times))
    #expect(series.summary.runCount == 12_001)
    #expect(series.summary.maximum == 12_000)
    #expect(series.stride == 3)
    #expect(series.milliseconds.count == 4_001)
    #expect(LatencySeries(milliseconds: [1], seconds: []) == nil)
  }
}
