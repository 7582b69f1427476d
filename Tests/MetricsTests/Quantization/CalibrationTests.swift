import Metrics
import Passes
import Testing

@Suite struct CalibrationTests {
  /// A million numbers evenly in [-1, 1], and one that lies far outside.
  private func histogram(outlier: Float = 10) -> CalibrationHistogram {
    var histogram = CalibrationHistogram(least: -1, greatest: outlier)
    let elements = (0..<1_000_000).map { Float($0) / 500_000 - 1 } + [outlier]
    elements.withUnsafeBufferPointer { histogram.add($0) }
    return histogram
  }

  @Test func everyElementIsCountedOnce() {
    var histogram = histogram()
    #expect(histogram.total == 1_000_001 && histogram.strangeCount == 0)
    [Float.nan, .infinity, 99, -99].withUnsafeBufferPointer { histogram.add($0) }
    #expect(histogram.total == 1_000_003 && histogram.strangeCount == 2)
    #expect(histogram.counts.last == 2)
  }

  @Test(arguments: QuantizationScheme.allCases)
  func methodsDifferInWhatTheyClip(_ scheme: QuantizationScheme) {
    let all = histogram().range(.minmax, scheme)
    #expect(all == QuantizationRange(lower: -1, upper: 10))
    // One element in a million is worth less than the resolution of all others.
    let mse = histogram().range(.mse, scheme)
    #expect(mse.upper < 8)
    // The larger an error, the more a higher power makes of it.
    let lp = histogram().range(.lp, scheme)
    #expect(lp.upper > mse.upper && lp.upper < 10)
    let entropy = histogram().range(.entropy, scheme)
    #expect(entropy.upper <= 10 && entropy.upper > 0.4)
    // Without the outlier nothing is worth clipping.
    let even = histogram(outlier: 1).range(.mse, scheme)
    #expect(even.upper > 0.9 && even.lower < -0.9)
  }

  @Test func percentileLeavesOutAsManyAsItSays() {
    var histogram = CalibrationHistogram(least: 0, greatest: 1)
    let elements = [Float](repeating: 0.25, count: 1_000_000) + [1, 1, 1]
    elements.withUnsafeBufferPointer { histogram.add($0) }
    let range = histogram.range(.percentile, .asymmetric)
    #expect(range.upper < 0.26 && range.lower <= 0.25)
  }

  @Test func aConstantValueHasItsOwnRange() {
    var histogram = CalibrationHistogram(least: 2, greatest: 2)
    [Float](repeating: 2, count: 5).withUnsafeBufferPointer { histogram.add($0) }
    for method in CalibrationMethod.allCases {
      #expect(histogram.range(method, .symmetric) == QuantizationRange(lower: 2, upper: 2))
    }
  }

  @Test func halvesAddUpToTheWhole() {
    let elements = (0..<10_000).map { Float(($0 * 7919) % 10_000) / 10_000 }
    var (left, right, whole) = (
      CalibrationHistogram(least: 0, greatest: 1), CalibrationHistogram(least: 0, greatest: 1),
      CalibrationHistogram(least: 0, greatest: 1)
    )
    elements[..<4000].withUnsafeBufferPointer { left.add($0) }
    elements[4000...].withUnsafeBufferPointer { right.add($0) }
    elements.withUnsafeBufferPointer { whole.add($0) }
    left.merge(right)
    #expect(left == whole && whole.total == 10_000)
    // Two fifths of even numbers lie above 0.6, less what two steps of that range are.
    let clipped = whole.clippedShare(QuantizationRange(lower: 0, upper: 0.6))
    #expect(abs(clipped - (0.4 - 2 * 0.6 / 255)) < 0.002)
    #expect(whole.clippedShare(QuantizationRange(lower: 0, upper: 1)) == 0)
  }
}
