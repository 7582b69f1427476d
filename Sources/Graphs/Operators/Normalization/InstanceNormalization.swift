import Diagnostics
public import Tensors

/// scale · (x - mean) / √(variance + epsilon) + bias over every channel's own elements.
/// Operands: X `[N, C, …]`, scale, bias `[C]`. Source: ONNX InstanceNormalization, opset 6.
public struct InstanceNormalization: Operator {
  /// The ONNX `op_type`.
  public static let name = "InstanceNormalization"
  /// Keeps the variance away from zero.
  public let epsilon: Float
  /// Creates the operator.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }
  /// Reads `epsilon`.
  public init(attributes: Attributes, outputCount: Int) throws {
    epsilon = try attributes.float("epsilon", default: 1e-5)
  }
  /// `epsilon`.
  public var attributes: [String: Attribute] { ["epsilon": .float(epsilon)] }
  /// X's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: false)
    guard x.rank >= 3 else { throw DeployError.operand("X must have rank 3 or more, not \(x)") }
    for index in 1...2 {
      let type: TensorType = try inputs.required(index, of: Self.name).type
      guard type.rank == 1 else { throw DeployError.operand("\(type) must have rank 1") }
      _ = try type.dimensions[0].merged(with: x.dimensions[1])
    }
    return [x]
  }
  /// In double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let scale = try inputs.required(1, of: Self.name).reals()
    let bias = try inputs.required(2, of: Self.name).reals()
    let area = shape.dimensions.dropFirst(2).reduce(1, *)
    var values = try x.reals()
    normalize(&values, length: area, epsilon: Double(epsilon))
    for index in values.indices {
      let channel = index / area % shape[1]
      values[index] = values[index] * scale[channel] + bias[channel]
    }
    return [try Tensor(reals: values, shape: shape, as: x.scalarType)]
  }
  /// Four per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    saturatingProduct([4, elementCount(outputs.first)])
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}
