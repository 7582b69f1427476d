import Diagnostics
public import Tensors

/// The mean of every channel. X `[N, C, …]`, result `[N, C, 1, …]`. Source: ONNX GlobalAveragePool, opset 1.
public struct GlobalAveragePool: Operator {
  /// The ONNX `op_type`.
  public static let name = "GlobalAveragePool"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// `[N, C, 1, …]`.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: false)
    guard x.rank >= 3 else { throw DeployError.operand("GlobalAveragePool does not take \(x)") }
    let ones = [Dimension](repeating: 1, count: x.rank - 2)
    return [TensorType(x.scalarType, x.dimensions.prefix(2) + ones)]
  }
  /// In double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let axes = Array(2..<x.shape.rank)
    let values = try x.reduced(over: axes) { $0.reduce(0, +) / Double($0.count) }
    return [try Tensor(reals: values, shape: shape, as: x.scalarType)]
  }
  /// One per element of X.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(inputs.first ?? nil)
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}
