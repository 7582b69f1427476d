public import Tensors

/// One extent of a value's shape.
public enum Dimension: Sendable, Hashable, Codable {
  /// Known now.
  case fixed(Int)
  /// Named, and bound by an optimization profile or by the caller's input.
  case symbol(String)
  /// Depends on the data, or on an expression of symbols that nobody named.
  case unknown

  /// The extent, where it is known.
  public var value: Int? {
    guard case .fixed(let value) = self else { return nil }
    return value
  }
}

extension Dimension: ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// A known extent.
  public init(integerLiteral value: Int) { self = .fixed(value) }
  /// `640`, `height` or `?`.
  public var description: String {
    switch self {
    case .fixed(let value): "\(value)"
    case .symbol(let name): name
    case .unknown: "?"
    }
  }
}

/// The static type of a value. The rank is always known.
public struct TensorType: Sendable, Hashable, Codable {
  /// The element type.
  public var scalarType: ScalarType
  /// The extents, outermost first.
  public var dimensions: [Dimension]

  /// Creates a type.
  public init(_ scalarType: ScalarType, _ dimensions: [Dimension]) {
    self.scalarType = scalarType
    self.dimensions = dimensions
  }
  /// Creates a type of known shape.
  public init(_ scalarType: ScalarType, _ shape: Shape) {
    self.init(scalarType, shape.dimensions.map { .fixed($0) })
  }

  /// The number of dimensions.
  public var rank: Int { dimensions.count }

  /// The shape, where every extent is known.
  public var shape: Shape? {
    var known: [Int] = []
    for dimension in dimensions {
      guard let value = dimension.value else { return nil }
      known.append(value)
    }
    return Shape(known)
  }

  /// The size of the elements in bytes, where every extent is known.
  public var byteCount: Int? { shape.map { $0.count * scalarType.byteCount } }

  /// Whether a value of this type may stand where `other` was expected: the same element type
  /// and rank, and no two known extents that differ.
  public func isCompatible(with other: TensorType) -> Bool {
    guard scalarType == other.scalarType, rank == other.rank else { return false }
    return zip(dimensions, other.dimensions).allSatisfy { left, right in
      guard let a = left.value, let b = right.value else { return true }
      return a == b
    }
  }
}

extension TensorType: CustomStringConvertible {
  /// `float32[1, 3, height, width]`.
  public var description: String {
    scalarType.rawValue + "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
  }
}
