import Diagnostics
public import Tensors

/// X where the condition holds, else Y. Operands: condition, X, Y, broadcast.
/// Source: ONNX Where, opset 16.
public struct Where: Operator {
  /// The ONNX `op_type`.
  public static let name = "Where"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// The broadcast shape.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let condition: TensorType = try inputs.required(0, of: Self.name).type
    let x: TensorType = try inputs.required(1, of: Self.name).type
    let y: TensorType = try inputs.required(2, of: Self.name).type
    guard condition.scalarType == .bool else {
      throw DeployError.operand("Where's condition is \(condition), not bool")
    }
    try checkSame(x.scalarType, y.scalarType, of: Self.name)
    let values = try broadcast(x.dimensions, y.dimensions)
    return [TensorType(x.scalarType, try broadcast(condition.dimensions, values))]
  }
  /// Copies elements.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let condition = try inputs.required(0, of: Self.name).broadcast(to: shape).truths()
    let x = try inputs.required(1, of: Self.name).broadcast(to: shape)
    let y = try inputs.required(2, of: Self.name).broadcast(to: shape)
    let size = x.scalarType.byteCount
    let result = try x.withBytes { x in
      try y.withBytes { other in
        Tensor(shape: shape, scalarType: y.scalarType) { target in
          for index in condition.indices {
            let source = condition[index] ? x : other
            for byte in (index * size)..<((index + 1) * size) { target[byte] = source[byte] }
          }
        }
      }
    }
    return [result]
  }
}
