import Diagnostics
public import Tensors

/// Normalisation by stored statistics: scale · (x - mean) / √(variance + epsilon) + bias.
///
/// Operands: X `[N, C, …]`, scale, bias, mean, variance `[C]`. Inference only.
/// Source: ONNX BatchNormalization, opset 15.
public struct BatchNormalization: Operator {
  /// The ONNX `op_type`.
  public static let name = "BatchNormalization"
  /// Keeps the variance away from zero.
  public let epsilon: Float

  /// Creates the operator.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }
  /// Reads `epsilon`; `training_mode` must be 0.
  public init(attributes: Attributes, outputCount: Int) throws {
    guard try attributes.int("training_mode", default: 0) == 0, outputCount <= 1 else {
      throw DeployError.attribute("BatchNormalization in training mode is not supported")
    }
    epsilon = try attributes.float("epsilon", default: 1e-5)
  }
  /// `epsilon`.
  public var attributes: [String: Attribute] { ["epsilon": .float(epsilon)] }

  /// X's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: false)
    guard x.rank >= 2 else { throw DeployError.operand("X must have rank 2 or more, not \(x)") }
    var channels = x.dimensions[1]
    for index in 1...4 {
      let type: TensorType = try inputs.required(index, of: Self.name).type
      guard type.rank == 1, type.scalarType.isFloatingPoint else {
        throw DeployError.operand("operand \(index) must be a list of numbers, not \(type)")
      }
      channels = try channels.merged(with: type.dimensions[0])
    }
    return [TensorType(x.scalarType, [x.dimensions[0], channels] + x.dimensions.dropFirst(2))]
  }

  /// In double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    _ = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let parts = try (1...4).map { try inputs.required($0, of: Self.name).reals() }
    let factors = zip(parts[0], parts[3]).map { $0 / ($1 + Double(epsilon)).squareRoot() }
    var values = try x.reals()
    let area = x.shape.dimensions.dropFirst(2).reduce(1, *)
    var position = 0
    for _ in 0..<x.shape[0] {
      for channel in 0..<x.shape[1] {
        let (factor, mean, bias) = (factors[channel], parts[2][channel], parts[1][channel])
        for index in position..<(position + area) {
          values[index] = factor * (values[index] - mean) + bias
        }
        position += area
      }
    }
    return [try Tensor(reals: values, shape: x.shape, as: x.scalarType)]
  }

  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
  /// Folded statistics round differently.
  public var tolerance: Tolerance { .rounding }
}
