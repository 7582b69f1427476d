public import Tensors

/// exp(x) over its sum along an axis. Source: ONNX Softmax, opset 13.
public struct Softmax: Operator {
  /// The ONNX `op_type`.
  public static let name = "Softmax"
  /// The axis; negative counts from the end.
  public let axis: Int
  /// Creates the operator.
  public init(axis: Int = -1) { self.axis = axis }
  /// Reads `axis`.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: -1)
  }
  /// `axis`.
  public var attributes: [String: Attribute] { ["axis": .int(Int64(axis))] }
  /// The operand's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let type: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(type.scalarType, of: Self.name, integers: false)
    _ = try normalized(axis, rank: type.rank)
    return [type]
  }
  /// In double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [try inputs.required(0, of: Self.name).softmax(along: axis, isLogarithm: false)]
  }
  /// Two per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    saturatingProduct([2, elementCount(outputs.first)])
  }
  /// Another exponential.
  public var tolerance: Tolerance { .rounding }
}
