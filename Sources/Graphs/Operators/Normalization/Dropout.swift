import Diagnostics
public import Tensors

/// Its operand, unchanged: dropout at inference. Source: ONNX Dropout, opset 13.
public struct Dropout: Operator {
  /// The ONNX `op_type`.
  public static let name = "Dropout"
  /// Creates the operator.
  public init() {}
  /// Reads nothing; the mask (a second result) is not supported.
  public init(attributes: Attributes, outputCount: Int) throws {
    guard outputCount <= 1 else { throw DeployError.attribute("Dropout's mask is not supported") }
  }
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// The operand's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    [try inputs.required(0, of: Self.name).type]
  }
  /// The operand.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    if let training: Tensor = inputs.optional(2), try training.truths().first == true {
      throw DeployError.operand("Dropout in training mode is not supported")
    }
    return [try inputs.required(0, of: Self.name)]
  }
}
