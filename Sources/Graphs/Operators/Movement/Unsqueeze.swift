import Diagnostics
public import Tensors

/// The operand with new axes of extent 1. Operands: data, axes (of the result).
/// Source: ONNX Unsqueeze, opset 21.
public struct Unsqueeze: Operator {
  /// The ONNX `op_type`.
  public static let name = "Unsqueeze"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }

  /// The extents with the new ones between them.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let operand: Operand = try inputs.required(1, of: Self.name)
    guard let list = try operand.list("Unsqueeze's axes") else {
      guard let count = operand.listLength, count <= rankLimit else {
        throw DeployError.operand("Unsqueeze's axes have no known length")
      }
      return [TensorType(x.scalarType, [Dimension](repeating: .unknown, count: x.rank + count))]
    }
    let axes = Set(try normalized(list, rank: x.rank + list.count))
    var rest = x.dimensions.makeIterator()
    let dimensions = (0..<(x.rank + axes.count)).map { axis in
      axes.contains(axis) ? 1 : rest.next() ?? 1
    }
    return [TensorType(x.scalarType, dimensions)]
  }

  /// No copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [try inputs.required(0, of: Self.name).reshaped(to: resultShape(inputs))]
  }
}
