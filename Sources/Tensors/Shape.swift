/// Concrete dimensions, outermost first.
public struct Shape: Sendable, Hashable, Codable, ExpressibleByArrayLiteral {
  /// The extents; none is negative.
  public let dimensions: [Int]

  /// Creates a shape from its extents.
  public init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "negative dimension in \(dimensions)")
    self.dimensions = dimensions
  }
  /// Creates a shape from a literal.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The number of dimensions.
  public var rank: Int { dimensions.count }
  /// The number of elements. Traps on overflow: check untrusted shapes with ``checkedCount(_:)``.
  public var count: Int { dimensions.reduce(1, *) }
  /// The extent of one axis.
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The distance in elements between neighbours along each axis, dense and row-major.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  /// The number of elements, or nil where an extent is negative or the product overflows.
  public static func checkedCount(_ dimensions: [Int]) -> Int? {
    var count = 1
    for dimension in dimensions {
      guard dimension >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else { return nil }
      count = product
    }
    return count
  }
}

extension Shape: CustomStringConvertible {
  /// `[1, 3, 640, 640]`.
  public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}
