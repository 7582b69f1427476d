public import Tensors

/// The operand kept between two bounds. Operands: X, min, max (scalars, optional).
/// Source: ONNX Clip, opset 13.
public struct Clip: Operator {
  /// The ONNX `op_type`.
  public static let name = "Clip"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// X's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: true)
    for index in 1...2 {
      if let bound = inputs.optional(index)?.type {
        try checkSame(x.scalarType, bound.scalarType, of: Self.name)
        try checkScalar(bound, of: Self.name)
      }
    }
    return [x]
  }
  /// min(max(x, lower), upper).
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    _ = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let (lower, upper): (Tensor?, Tensor?) = (inputs.optional(1), inputs.optional(2))
    if x.scalarType.isFloatingPoint {
      let low = try lower?.reals().first ?? -.infinity
      let high = try upper?.reals().first ?? .infinity
      return [try x.mapReals { $0.isNaN ? $0 : min(max($0, low), high) }]
    }
    let low = try lower?.wholes().first ?? .min
    let high = try upper?.wholes().first ?? .max
    let values = try x.wholes().map { min(max($0, low), high) }
    return [try Tensor(wholes: values, shape: x.shape, as: x.scalarType)]
  }
  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
}
