public import Passes

/// How often a value's elements fell into each part of its range.
public struct CalibrationHistogram: Sendable, Hashable, Codable {
  /// The least element.
  public private(set) var least: Float
  /// The greatest element.
  public private(set) var greatest: Float
  /// Elements in each of the equal parts between them.
  public private(set) var counts: [Int]
  /// How much an error counts in each part: the importance of the elements' channels, summed up, in
  /// millionths. Whole numbers, so that the order does not matter.
  public private(set) var importances: [Int]
  /// Elements that are no numbers.
  public private(set) var strangeCount = 0

  /// The number of parts.
  public static let binCount = 2048

  /// An empty histogram of a range that was observed before.
  public init(least: Float, greatest: Float) {
    self.least = least
    self.greatest = max(greatest, least)
    counts = [Int](repeating: 0, count: Self.binCount)
    importances = [Int](repeating: 0, count: Self.binCount)
  }

  /// Counts elements; those outside the range fall into the outermost part.
  /// - Parameter importance: how much an error in one of them counts.
  public mutating func add(_ elements: UnsafeBufferPointer<Float>, importance: Float = 1) {
    let weight = Int(min(max(importance * 1e6, 0), 1e9).rounded())
    let width = greatest - least
    let factor = width > 0 ? Float(Self.binCount) / width : 0
    for element in elements {
      guard element.isFinite else {
        strangeCount += 1
        continue
      }
      let place = min(max((element - least) * factor, 0), Float(Self.binCount - 1))
      counts[Int(place)] += 1
      importances[Int(place)] += weight
    }
  }

  /// Counts what another histogram of the same range has counted.
  public mutating func merge(_ other: CalibrationHistogram) {
    precondition(other.least == least && other.greatest == greatest)
    for (index, count) in other.counts.enumerated() {
      counts[index] += count
      importances[index] += other.importances[index]
    }
    strangeCount += other.strangeCount
  }

  /// The elements that were counted.
  public var total: Int { counts.reduce(0, +) }
  /// The middle of a part.
  package func centre(_ bin: Int) -> Float {
    least + (Float(bin) + 0.5) * (greatest - least) / Float(Self.binCount)
  }

  /// The share of the elements that a range does not hold, 0 ... 1: those that are moved by more than
  /// two of its 255 steps.
  public func clippedShare(_ range: QuantizationRange) -> Double {
    let all = total
    guard all > 0 else { return 0 }
    let width = 2 * (range.upper - range.lower) / 255 + (greatest - least) / Float(Self.binCount)
    let clipped = counts.indices.reduce(0) { sum, bin in
      let centre = centre(bin)
      let isOutside = centre < range.lower - width || centre > range.upper + width
      return isOutside ? sum + counts[bin] : sum
    }
    return Double(clipped) / Double(all)
  }

  /// The part that a number falls into; nil outside the range.
  package func bin(of number: Float) -> Int? {
    guard number >= least, number <= greatest, greatest > least else { return nil }
    return min(Int((number - least) / (greatest - least) * Float(Self.binCount)), Self.binCount - 1)
  }
}
