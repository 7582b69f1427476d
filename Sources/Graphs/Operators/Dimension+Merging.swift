import Diagnostics
import Tensors

extension Dimension {
  /// The extent of two operands that broadcast against each other.
  /// Source: ONNX, multidirectional broadcasting.
  func broadcast(with other: Dimension) throws -> Dimension {
    switch (self, other) {
    case (.fixed(1), let extent), (let extent, .fixed(1)): return extent
    case (.fixed(let a), .fixed(let b)):
      guard a == b else { throw DeployError.operand("extents \(a) and \(b) do not broadcast") }
      return self
    case (.fixed, _): return self
    case (_, .fixed): return other
    case (.symbol(let a), .symbol(let b)): return a == b ? self : .unknown
    default: return .unknown
    }
  }

  /// One extent that two operands must share; the better known wins.
  func merged(with other: Dimension) throws -> Dimension {
    switch (self, other) {
    case (.fixed(let a), .fixed(let b)) where a != b:
      throw DeployError.operand("extents \(a) and \(b) must be equal")
    case (.fixed, _): return self
    case (_, .fixed): return other
    case (.symbol, _): return self
    default: return other
    }
  }
}

/// The shape of operands that broadcast against each other.
func broadcast(_ left: [Dimension], _ right: [Dimension]) throws -> [Dimension] {
  let rank = max(left.count, right.count)
  let a = [Dimension](repeating: 1, count: rank - left.count) + left
  let b = [Dimension](repeating: 1, count: rank - right.count) + right
  return try zip(a, b).map { try $0.broadcast(with: $1) }
}

/// The sum, where every extent is known.
func sum(_ dimensions: [Dimension]) -> Dimension {
  if dimensions.count == 1 { return dimensions[0] }
  var total = 0
  for dimension in dimensions {
    guard let value = dimension.value else { return .unknown }
    let (sum, overflow) = total.addingReportingOverflow(value)
    guard !overflow else { return .unknown }
    total = sum
  }
  return .fixed(total)
}
