import Diagnostics
public import Tensors

/// The operand broadcast against a shape. Operands: data, shape. Source: ONNX Expand, opset 13.
public struct Expand: Operator {
  /// The ONNX `op_type`.
  public static let name = "Expand"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }

  /// The broadcast shape.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let operand: Operand = try inputs.required(1, of: Self.name)
    guard let shape = try operand.list("Expand's shape") else {
      guard let rank = operand.listLength, rank <= rankLimit else {
        throw DeployError.operand("Expand's shape has no known length")
      }
      let unknown = [Dimension](repeating: .unknown, count: rank)
      return [TensorType(x.scalarType, try broadcast(x.dimensions, unknown))]
    }
    guard shape.allSatisfy({ $0 >= 0 }) else { throw DeployError.operand("\(shape) is no shape") }
    return [TensorType(x.scalarType, try broadcast(x.dimensions, shape.map { .fixed($0) }))]
  }

  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [try inputs.required(0, of: Self.name).broadcast(to: resultShape(inputs))]
  }
}
