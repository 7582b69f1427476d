import Diagnostics
public import Tensors

/// A tensor of one repeated value. Operand: shape. Source: ONNX ConstantOfShape, opset 21.
public struct ConstantOfShape: Operator {
  /// The ONNX `op_type`.
  public static let name = "ConstantOfShape"
  /// The value, one element.
  public let value: Tensor
  /// Creates the operator.
  public init(value: Tensor = Tensor(scalar: Float(0))) { self.value = value }
  /// Reads `value`.
  public init(attributes: Attributes, outputCount: Int) throws {
    let value = try attributes.tensor("value") ?? Tensor(scalar: Float(0))
    guard value.shape.count == 1 else {
      throw DeployError.attribute("value must be one element, not \(value.shape)")
    }
    self.value = value
  }
  /// `value`, as a list of one.
  public var attributes: [String: Attribute] {
    (try? value.reshaped(to: [1])).map { ["value": .tensor($0)] } ?? [:]
  }
  /// The stated shape.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let operand: Operand = try inputs.required(0, of: Self.name)
    guard let shape = try operand.list("ConstantOfShape's shape") else {
      guard let rank = operand.listLength, rank <= rankLimit else {
        throw DeployError.operand("ConstantOfShape's shape has no known length")
      }
      return [TensorType(value.scalarType, [Dimension](repeating: .unknown, count: rank))]
    }
    guard shape.allSatisfy({ $0 >= 0 }) else { throw DeployError.operand("\(shape) is no shape") }
    return [TensorType(value.scalarType, shape.map { .fixed($0) })]
  }
  /// Repeats the value.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    return [try value.reshaped(to: []).broadcast(to: shape)]
  }
}
