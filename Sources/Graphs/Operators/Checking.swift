import Diagnostics
import Tensors

/// The most elements that one result may have; larger shapes are refused before any allocation.
let elementLimit = 1 << 31
/// The most dimensions that a result may have.
let rankLimit = 32

extension DeployError {
  /// `graph.invalid-operand`.
  static func operand(_ message: String) -> DeployError {
    DeployError(.graphInvalidOperand, message)
  }
  /// `graph.invalid-attribute`.
  static func attribute(_ message: String) -> DeployError {
    DeployError(.graphInvalidAttribute, message)
  }
}

extension Operator {
  /// The types of the results, none of them larger than a result may be.
  /// - Throws: `graph.invalid-operand` where one has too many dimensions or elements.
  func checkedOutputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let types = try outputTypes(for: inputs)
    for type in types {
      guard type.rank <= rankLimit else {
        throw DeployError.operand("\(Self.name) gives rank \(type.rank); the limit is \(rankLimit)")
      }
      // Unknown extents count as 1: the known ones alone must not overflow.
      let known = type.dimensions.map { $0.value ?? 1 }
      guard let count = Shape.checkedCount(known), count <= elementLimit else {
        throw DeployError.operand("\(Self.name) gives \(type), more than \(elementLimit) elements")
      }
    }
    return types
  }

  /// The concrete shapes of the results: the shape rule applied to operands that are all known.
  func resultShapes(_ inputs: [Tensor?]) throws -> [Shape] {
    let operands = inputs.map { tensor in
      tensor.map { Operand(type: TensorType($0.scalarType, $0.shape), constant: $0) }
    }
    return try checkedOutputTypes(for: operands).map { type in
      guard let shape = type.shape else {
        throw DeployError.operand("\(Self.name) cannot tell its result's shape \(type)")
      }
      return shape
    }
  }

  /// The concrete shape of the first result.
  func resultShape(_ inputs: [Tensor?]) throws -> Shape {
    guard let first = try resultShapes(inputs).first else {
      throw DeployError.operand("\(Self.name) has no result")
    }
    return first
  }
}

/// An axis counted from the front.
/// - Throws: `graph.invalid-operand` where it is outside `-rank..<rank`.
func normalized(_ axis: Int, rank: Int) throws -> Int {
  guard axis >= -rank, axis < rank else {
    throw DeployError.operand("axis \(axis) does not exist in rank \(rank)")
  }
  return axis < 0 ? axis + rank : axis
}

/// Distinct axes counted from the front, in the given order.
func normalized(_ axes: [Int], rank: Int) throws -> [Int] {
  let result = try axes.map { try normalized($0, rank: rank) }
  guard Set(result).count == result.count else {
    throw DeployError.operand("an axis is named twice in \(axes)")
  }
  return result
}

/// The element count, or nil when the shape is not known; never traps.
func elementCount(_ type: TensorType?) -> Int64 {
  guard let shape = type?.shape, let count = Shape.checkedCount(shape.dimensions) else { return 0 }
  return Int64(count)
}

/// The product, saturating.
func saturatingProduct(_ factors: [Int64]) -> Int64 {
  var result: Int64 = 1
  for factor in factors {
    let (product, overflow) = result.multipliedReportingOverflow(by: factor)
    guard !overflow else { return .max }
    result = product
  }
  return result
}

extension Operand {
  /// The contents of a list of integers that gives a shape, axes or the like, where it is known.
  /// - Throws: `graph.invalid-operand` where it is no short list of integers.
  func list(_ what: String) throws -> [Int]? {
    guard !type.scalarType.isFloatingPoint, type.rank <= 1 else {
      throw DeployError.operand("\(what) must be a list of integers, not \(type)")
    }
    guard let constant else { return nil }
    guard constant.shape.count <= 64 else {
      throw DeployError.operand("\(what) has \(constant.shape.count) entries; the limit is 64")
    }
    return try constant.integers()
  }

  /// How long a list operand is, where it is known; a scalar counts as 1.
  var listLength: Int? { type.rank == 0 ? 1 : type.dimensions[0].value }
}

/// - Throws: `graph.invalid-operand` where the operand is not one element.
func checkScalar(_ type: TensorType, of name: String) throws {
  guard type.rank <= 1, type.dimensions.allSatisfy({ ($0.value ?? 1) == 1 }) else {
    throw DeployError.operand("\(name) needs a scalar, not \(type)")
  }
}
