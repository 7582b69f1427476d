import Diagnostics
public import Tensors

/// (x - zero point) · scale. Operands: x, scale, zero point (optional); the result has the
/// scale's element type. Source: ONNX DequantizeLinear, opset 21.
public struct DequantizeLinear: Operator {
  /// The ONNX `op_type`.
  public static let name = "DequantizeLinear"
  /// The axis that a list of scales is for; negative counts from the end.
  public let axis: Int
  /// Creates the operator.
  public init(axis: Int = 1) { self.axis = axis }
  /// Reads `axis`; blocks are not supported.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: 1)
    guard try attributes.int("block_size", default: 0) == 0 else {
      throw DeployError.attribute("DequantizeLinear in blocks is not supported")
    }
  }
  /// `axis`.
  public var attributes: [String: Attribute] { ["axis": .int(Int64(axis))] }
  /// The shape in the scale's element type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let scale: TensorType = try inputs.required(1, of: Self.name).type
    let zero = inputs.optional(2)?.type
    try QuantizationAxis.check(x, scale, zero, axis: axis)
    guard !x.scalarType.isFloatingPoint, x.scalarType != .bool else {
      throw DeployError.operand("DequantizeLinear does not take \(x)")
    }
    if let zero { try checkSame(x.scalarType, zero.scalarType, of: Self.name) }
    return [TensorType(scale.scalarType, x.dimensions)]
  }
  /// The difference in integers, the product in double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let scale: Tensor = try inputs.required(1, of: Self.name)
    let zero: Tensor? = inputs.optional(2)
    let plan = try QuantizationAxis(shape, scale: scale, zeroPoint: zero, axis: axis)
    let values = try x.wholes().enumerated().map { index, value in
      let place = plan.index(of: index)
      return Double(value &- plan.zeroPoints[place]) * plan.scales[place]
    }
    return [try Tensor(reals: values, shape: shape, as: scale.scalarType)]
  }
  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
}
