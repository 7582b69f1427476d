import Glibc
public import Tensors

/// a to the power of b, in the element type of a. Source: ONNX Pow, opset 21.
public struct Pow: Operator {
  /// The ONNX `op_type`.
  public static let name = "Pow"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }

  /// The broadcast shape, with the base's element type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let a: TensorType = try inputs.required(0, of: Self.name).type
    let b: TensorType = try inputs.required(1, of: Self.name).type
    try checkElements(a.scalarType, of: Self.name, integers: true)
    try checkElements(b.scalarType, of: Self.name, integers: true)
    return [TensorType(a.scalarType, try broadcast(a.dimensions, b.dimensions))]
  }

  /// Integers to an integer power wrap; everything else in double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let a: Tensor = try inputs.required(0, of: Self.name)
    let b: Tensor = try inputs.required(1, of: Self.name)
    if a.scalarType.isFloatingPoint || b.scalarType.isFloatingPoint {
      return [try a.combineReals(b, shape: shape) { $1 == 2 ? $0 * $0 : pow($0, $1) }]
    }
    let bases = try a.broadcast(to: shape).wholes()
    let exponents = try b.broadcast(to: shape).wholes()
    let powers = zip(bases, exponents).map(power)
    return [try Tensor(wholes: powers, shape: shape, as: a.scalarType)]
  }

  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
  /// Another power function.
  public var tolerance: Tolerance { .rounding }

  private func power(_ base: Int64, _ exponent: Int64) -> Int64 {
    guard exponent >= 0 else {
      return base == 1 ? 1 : base == -1 ? (exponent & 1 == 0 ? 1 : -1) : 0
    }
    var result: Int64 = 1
    var square = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = result &* square }
      square = square &* square
      rest >>= 1
    }
    return result
  }
}
