public import Tensors

/// An operator that compares two operands element by element, broadcasting them.
public protocol Comparison: Operator {
  /// Whether truth values may be compared too.
  static var acceptsTruths: Bool { get }
  /// The result for one pair of floating-point elements.
  func holds(_ a: Double, _ b: Double) -> Bool
  /// The result for one pair of integers.
  func holds(_ a: Int64, _ b: Int64) -> Bool
}

extension Comparison {
  /// Numbers only, by default.
  public static var acceptsTruths: Bool { false }
  /// None.
  public var attributes: [String: Attribute] { [:] }

  /// Truth values of the broadcast shape.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let a: TensorType = try inputs.required(0, of: Self.name).type
    let b: TensorType = try inputs.required(1, of: Self.name).type
    try checkSame(a.scalarType, b.scalarType, of: Self.name)
    if !(Self.acceptsTruths && a.scalarType == .bool) {
      try checkElements(a.scalarType, of: Self.name, integers: true)
    }
    return [TensorType(.bool, try broadcast(a.dimensions, b.dimensions))]
  }

  /// Pair by pair.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let a: Tensor = try inputs.required(0, of: Self.name).broadcast(to: shape)
    let b: Tensor = try inputs.required(1, of: Self.name).broadcast(to: shape)
    if a.scalarType.isFloatingPoint {
      return [try Tensor(zip(a.reals(), b.reals()).map { holds($0, $1) }, shape: shape)]
    }
    return [try Tensor(zip(a.wholes(), b.wholes()).map { holds($0, $1) }, shape: shape)]
  }

  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
}
