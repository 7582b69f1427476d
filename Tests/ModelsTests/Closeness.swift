import Tensors
import Testing

/// How far two tensors are apart.
struct Closeness {
  /// The largest difference.
  let worst: Float
  /// The largest difference over the largest expected value.
  let relative: Float
  let mean: Float

  init(_ actual: [Float], _ expected: [Float]) throws {
    try #require(actual.count == expected.count)
    var (worst, largest, sum) = (Float(0), Float(0), Float(0))
    for (a, b) in zip(actual, expected) {
      let difference = abs(a - b)
      // NaN is as far as can be.
      worst = difference <= .greatestFiniteMagnitude ? max(worst, difference) : .infinity
      largest = max(largest, abs(b))
      sum += difference
    }
    self.worst = worst
    relative = worst / max(largest, 1e-12)
    mean = sum / Float(max(actual.count, 1))
  }
}
