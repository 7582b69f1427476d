import Diagnostics
public import Tensors

/// saturate(round(x / scale) + zero point), halves to even. Operands: x, scale, zero point
/// (optional; gives the type, else `outputType`). Source: ONNX QuantizeLinear, opset 21.
public struct QuantizeLinear: Operator {
  /// The ONNX `op_type`.
  public static let name = "QuantizeLinear"
  /// The axis that a list of scales is for; negative counts from the end.
  public let axis: Int
  /// The element type of the result where no zero point is given.
  public let outputType: ScalarType
  /// Creates the operator.
  public init(axis: Int = 1, outputType: ScalarType = .uint8) {
    self.axis = axis
    self.outputType = outputType
  }
  /// Reads `axis` and `output_dtype`; blocks are not supported.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: 1)
    let code = try attributes.int("output_dtype", default: 0)
    guard let type = code == 0 ? .uint8 : ScalarType(onnxCode: code),
      try attributes.int("block_size", default: 0) == 0
    else { throw DeployError.attribute("this form of QuantizeLinear is not supported") }
    outputType = type
  }
  /// `axis` and, unless uint8, `output_dtype`.
  public var attributes: [String: Attribute] {
    var result: [String: Attribute] = ["axis": .int(Int64(axis))]
    if outputType != .uint8 { result["output_dtype"] = .int(Int64(outputType.onnxCode)) }
    return result
  }
  /// The shape in the quantized type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let scale: TensorType = try inputs.required(1, of: Self.name).type
    let zero = inputs.optional(2)?.type
    try QuantizationAxis.check(x, scale, zero, axis: axis)
    let type = zero?.scalarType ?? outputType
    guard [.int8, .uint8, .int16].contains(type) else {
      throw DeployError.operand("QuantizeLinear to \(type.rawValue) is not supported")
    }
    return [TensorType(type, x.dimensions)]
  }
  /// The quotient in single precision, as the operands are.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let zero: Tensor? = inputs.optional(2)
    let type = zero?.scalarType ?? outputType
    let plan = try QuantizationAxis(
      shape,
      scale: inputs.required(1, of: Self.name),
      zeroPoint: zero,
      axis: axis
    )
    let values = try x.floats().enumerated().map { index, value in
      let place = plan.index(of: index)
      let quotient = (value / Float(plan.scales[place])).rounded(.toNearestOrEven)
      return Double(quotient) + Double(plan.zeroPoints[place])
    }
    return [try Tensor(reals: values, shape: shape, as: type)]
  }
  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
}
