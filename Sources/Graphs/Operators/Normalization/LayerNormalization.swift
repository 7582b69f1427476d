import Diagnostics
public import Tensors

/// (x - mean) / √(variance + epsilon) · scale + bias over the axes from `axis` on.
/// Operands: X, scale, bias (optional). Source: ONNX LayerNormalization, opset 17.
public struct LayerNormalization: Operator {
  /// The ONNX `op_type`.
  public static let name = "LayerNormalization"
  /// The first axis that is normalised; negative counts from the end.
  public let axis: Int
  /// Keeps the variance away from zero.
  public let epsilon: Float
  /// Creates the operator.
  public init(axis: Int = -1, epsilon: Float = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }
  /// Reads `axis` and `epsilon`; mean and deviation as results are not supported.
  public init(attributes: Attributes, outputCount: Int) throws {
    guard outputCount <= 1 else {
      throw DeployError.attribute("LayerNormalization's mean and deviation are not supported")
    }
    axis = try attributes.int("axis", default: -1)
    epsilon = try attributes.float("epsilon", default: 1e-5)
  }
  /// `axis` and `epsilon`.
  public var attributes: [String: Attribute] {
    ["axis": .int(Int64(axis)), "epsilon": .float(epsilon)]
  }
  /// X's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: false)
    let axis = try normalized(self.axis, rank: x.rank)
    let rest = Array(x.dimensions[axis...])
    for index in 1...2 {
      guard let operand = index == 1 ? try inputs.required(1, of: Self.name) : inputs.optional(2)
      else { continue }
      let shape = try broadcast(rest, operand.type.dimensions)
      guard shape.count == rest.count,
        TensorType(x.scalarType, shape).isCompatible(with: TensorType(x.scalarType, rest))
      else { throw DeployError.operand("\(operand.type) does not fit the last axes of \(x)") }
    }
    return [x]
  }
  /// In double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let axis = try normalized(self.axis, rank: shape.rank)
    let rest = Shape(Array(shape.dimensions[axis...]))
    let scale = try inputs.required(1, of: Self.name).broadcast(to: rest).reals()
    let bias = try (inputs.optional(2) as Tensor?)?.broadcast(to: rest).reals()
    var values = try x.reals()
    normalize(&values, length: rest.count, epsilon: Double(epsilon))
    for index in values.indices {
      let element = index % rest.count
      values[index] = values[index] * scale[element] + (bias?[element] ?? 0)
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

/// Every stretch of `length` elements brought to mean 0 and variance 1.
func normalize(_ values: inout [Double], length: Int, epsilon: Double) {
  guard length > 0 else { return }
  for start in stride(from: 0, to: values.count, by: length) {
    let range = start..<(start + length)
    let mean = values[range].reduce(0, +) / Double(length)
    let variance = values[range].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
    let factor = 1 / (variance + epsilon).squareRoot()
    for index in range { values[index] = (values[index] - mean) * factor }
  }
}
