public import Tensors

/// The number of elements. Source: ONNX Size, opset 21.
public struct Size: Operator {
  /// The ONNX `op_type`.
  public static let name = "Size"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// A scalar of int64.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    _ = try inputs.required(0, of: Self.name)
    return [TensorType(.int64, [Dimension]())]
  }
  /// The count.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [Tensor(scalar: Int64(try inputs.required(0, of: Self.name).shape.count))]
  }
}
