import Diagnostics
public import Tensors

/// The opposite truth value. Source: ONNX Not, opset 1.
public struct Not: Operator {
  /// The ONNX `op_type`.
  public static let name = "Not"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// The operand's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let type: TensorType = try inputs.required(0, of: Self.name).type
    guard type.scalarType == .bool else {
      throw DeployError.operand("Not takes truth values, not \(type)")
    }
    return [type]
  }
  /// One by one.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let x: Tensor = try inputs.required(0, of: Self.name)
    return [try Tensor(x.truths().map { !$0 }, shape: x.shape)]
  }
}
