/// How often a value's elements fell into each part of its range.
public struct CalibrationHistogram: Sendable, Hashable, Codable {
  /// The least element.
  public private(set) var least: Float
  /// The greatest element.
  public private(set) var greatest: Float
  /// Elements in each of the equal parts between them.
  public private(set) var counts: [Int]
  /// Elements that are no numbers.
  public private(set) var strangeCount = 0

  /// The number of parts.
  public static let binCount = 2048

  /// An empty histogram of a range that was observed before.
  public init(least: Float, greatest: Float) {
    self.least = least
    self.greatest = max(greatest, least)
    counts = [Int](repeating: 0, count: Self.binCount)
  }

  /// Counts elements; those outside the range fall into the outermost part.
  public mutating func add(_ elements: UnsafeBufferPointer<Float>) {
    let width = greatest - least
    let factor = width > 0 ? Float(Self.binCount) / width : 0
    for element in elements {
      guard element.isFinite else {
        strangeCount += 1
        continue
      }
      let place = min(max((element - least) * factor, 0), Float(Self.binCount - 1))
      counts[Int(place)] += 1
    }
  }

  /// The elements that were counted.
  public var total: Int { counts.reduce(0, +) }
  /// The middle of a part.
  func centre(_ bin: Int) -> Float {
    least + (Float(bin) + 0.5) * (greatest - least) / Float(Self.binCount)
  }
}
