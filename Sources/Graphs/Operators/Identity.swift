public import Tensors

/// Its operand, unchanged. Source: ONNX Identity, opset 21.
public struct Identity: Operator {
  /// The ONNX `op_type`.
  public static let name = "Identity"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// The operand's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    try [inputs.required(0, of: Self.name).type]
  }
  /// The operand.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    try [inputs.required(0, of: Self.name)]
  }
}
