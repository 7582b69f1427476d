/// What a calibration needs to know of a value's elements, in loops over all of them.
package enum ElementStatistics {
  /// The least and the greatest of some elements and a range before; nil where one is no number.
  package static func range(
    _ elements: UnsafeBufferPointer<Float>,
    _ before: (least: Float, greatest: Float)
  ) -> (least: Float, greatest: Float)? {
    var (least, greatest) = before
    var sum = Float(0)
    for element in elements {
      least = min(least, element)
      greatest = max(greatest, element)
      // Stays 0 unless an element is infinite or no number.
      sum += element * 0
    }
    return sum == 0 ? (least, greatest) : nil
  }

  /// The mean of some elements.
  package static func mean(_ elements: UnsafeBufferPointer<Float>) -> Double {
    var (total, sum) = (0.0, Float(0))
    for (index, element) in elements.enumerated() {
      sum += element
      // Single precision is exact enough for a row of pixels.
      if index & 1023 == 1023 {
        total += Double(sum)
        sum = 0
      }
    }
    return elements.isEmpty ? 0 : (total + Double(sum)) / Double(elements.count)
  }

  /// The greatest magnitude of some elements and one before; infinite where one is no number.
  package static func magnitude(_ elements: UnsafeBufferPointer<Float>, _ before: Float) -> Float {
    guard let range = range(elements, (-before, before)) else { return .infinity }
    return max(-range.least, range.greatest)
  }
}
