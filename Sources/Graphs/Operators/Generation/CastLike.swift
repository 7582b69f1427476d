public import Tensors

/// The first operand in the element type of the second. Source: ONNX CastLike, opset 21.
public struct CastLike: Operator {
  /// The ONNX `op_type`.
  public static let name = "CastLike"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// The shape of the first, the element type of the second.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let target: TensorType = try inputs.required(1, of: Self.name).type
    return [TensorType(target.scalarType, try inputs.required(0, of: Self.name).type.dimensions)]
  }
  /// See ``Tensor/converted(to:)``.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let target: ScalarType = try inputs.required(1, of: Self.name).scalarType
    return [try inputs.required(0, of: Self.name).converted(to: target)]
  }
}
