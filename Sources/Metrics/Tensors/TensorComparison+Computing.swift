import Diagnostics
import Glibc
public import Tensors

extension TensorComparison {
  /// Compares two tensors in one pass, in double precision. Their element types may differ.
  ///
  /// NaN agrees with NaN, and an infinity with itself. Elements of which one is not finite count
  /// for the tolerance but not for the errors, the cosine and the noise.
  public init(_ actual: Tensor, with expected: Tensor, tolerance: Tolerance = .rounding) throws {
    guard actual.shape == expected.shape else {
      self.init(Tally(), tolerance, expected.shape)
      shapeMismatch = ShapeMismatch(actual: actual.shape, expected: expected.shape)
      return
    }
    var tally = Tally()
    switch (actual.scalarType, expected.scalarType) {
    case (.float32, .float32):
      try tally.add(actual, Float.self, expected, Float.self, tolerance) {
        Double($0)
      } _: {
        Double($0)
      }
    case (.float16, .float32):
      try tally.add(actual, Float16.self, expected, Float.self, tolerance) {
        Double($0)
      } _: {
        Double($0)
      }
    case (.float16, .float16):
      try tally.add(actual, Float16.self, expected, Float16.self, tolerance) {
        Double($0)
      } _: {
        Double($0)
      }
    default:
      let (left, right) = try (actual.converted(to: .float64), expected.converted(to: .float64))
      try tally.add(left, Double.self, right, Double.self, tolerance) {
        $0
      } _: {
        $0
      }
    }
    self.init(tally, tolerance, expected.shape)
  }

  private init(_ tally: Tally, _ tolerance: Tolerance, _ shape: Shape) {
    elementCount = tally.count
    largestAbsoluteError = tally.absolute.worst(shape)
    largestRelativeError = tally.relative.worst(shape)
    meanAbsoluteError = tally.finiteCount > 0 ? tally.errorSum / Double(tally.finiteCount) : 0
    let norms = (tally.actualSquares * tally.expectedSquares).squareRoot()
    let areZero = tally.actualSquares == 0 && tally.expectedSquares == 0
    cosineSimilarity = norms > 0 ? min(1, tally.products / norms) : (areZero ? 1 : 0)
    let noise = tally.errorSquares
    signalToNoiseDecibels =
      noise > 0 && tally.expectedSquares > 0 ? 10 * log10(tally.expectedSquares / noise) : nil
    violationCount = tally.violationCount
    firstViolation = tally.violation.worst(shape)
    actual = tally.actual
    expected = tally.expected
    self.tolerance = tolerance
  }
}

/// An extreme and where it is.
private struct Extreme {
  var error = -Double.infinity
  var position = -1
  var actual = 0.0
  var expected = 0.0

  @inline(__always)
  mutating func offer(_ error: Double, _ position: Int, _ actual: Double, _ expected: Double) {
    guard error > self.error else { return }
    (self.error, self.position, self.actual, self.expected) = (error, position, actual, expected)
  }

  func worst(_ shape: Shape) -> TensorComparison.Worst? {
    guard position >= 0 else { return nil }
    var rest = position
    let index = shape.strides.map { stride in
      defer { rest %= max(stride, 1) }
      return rest / max(stride, 1)
    }
    return .init(error: error, index: index, actual: actual, expected: expected)
  }
}

/// The sums of one pass.
private struct Tally {
  var count = 0
  var finiteCount = 0
  var errorSum = 0.0
  var errorSquares = 0.0
  var actualSquares = 0.0
  var expectedSquares = 0.0
  var products = 0.0
  var violationCount = 0
  var absolute = Extreme()
  var relative = Extreme()
  var violation = Extreme()
  var actual = TensorComparison.Contents()
  var expected = TensorComparison.Contents()

  mutating func add<Left: TensorScalar, Right: TensorScalar>(
    _ actual: Tensor,
    _ left: Left.Type,
    _ expected: Tensor,
    _ right: Right.Type,
    _ tolerance: Tolerance,
    _ leftValue: (Left) -> Double,
    _ rightValue: (Right) -> Double
  ) throws {
    try actual.withScalars(of: left) { a in
      try expected.withScalars(of: right) { b in
        count = a.count
        var ranges = (Extent(), Extent())
        for index in 0..<count {
          let (x, y) = (leftValue(a[index]), rightValue(b[index]))
          guard x.isFinite, y.isFinite else {
            addSpecial(x, y, index, &ranges)
            continue
          }
          addFinite(x, y, index, tolerance)
          ranges.0.include(x)
          ranges.1.include(y)
        }
        self.actual.set(ranges.0)
        self.expected.set(ranges.1)
      }
    }
  }

  @inline(__always)
  private mutating func addFinite(_ x: Double, _ y: Double, _ index: Int, _ allowed: Tolerance) {
    finiteCount += 1
    actualSquares += x * x
    expectedSquares += y * y
    products += x * y
    let error = abs(x - y)
    guard error > 0 else { return }
    errorSum += error
    errorSquares += error * error
    absolute.offer(error, index, x, y)
    if y != 0 { relative.offer(error / abs(y), index, x, y) }
    let excess = error - (allowed.absolute + allowed.relative * abs(y))
    guard excess > 0 else { return }
    violationCount += 1
    violation.offer(excess, index, x, y)
  }

  private mutating func addSpecial(
    _ x: Double,
    _ y: Double,
    _ index: Int,
    _ ranges: inout (Extent, Extent)
  ) {
    actual.countSpecial(x)
    expected.countSpecial(y)
    if x.isFinite { ranges.0.include(x) }
    if y.isFinite { ranges.1.include(y) }
    guard x != y, !(x.isNaN && y.isNaN) else { return }
    violationCount += 1
    violation.offer(.greatestFiniteMagnitude, index, x, y)
  }
}

/// The smallest and largest of finite numbers.
private struct Extent {
  var low = Double.infinity
  var high = -Double.infinity

  @inline(__always)
  mutating func include(_ value: Double) {
    low = min(low, value)
    high = max(high, value)
  }
}

extension TensorComparison.Contents {
  fileprivate mutating func countSpecial(_ value: Double) {
    if value.isNaN { nanCount += 1 }
    if value.isInfinite { infinityCount += 1 }
  }

  fileprivate mutating func set(_ range: Extent) {
    minimum = range.low.isFinite ? range.low : nil
    maximum = range.high.isFinite ? range.high : nil
  }
}
