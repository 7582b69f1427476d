import Diagnostics
public import Tensors

/// The operand without axes of extent 1. Operands: data, axes (optional: all of extent 1).
///
/// Without axes the rule takes symbolic extents for others than 1.
/// Source: ONNX Squeeze, opset 21.
public struct Squeeze: Operator {
  /// The ONNX `op_type`.
  public static let name = "Squeeze"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }

  /// The other extents.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    var axes = Set(x.dimensions.indices.filter { x.dimensions[$0] == 1 })
    if let operand = inputs.optional(1) {
      guard let list = try operand.list("Squeeze's axes") else {
        guard let count = operand.listLength, count <= x.rank else {
          throw DeployError.operand("Squeeze's axes have no known length")
        }
        return [TensorType(x.scalarType, [Dimension](repeating: .unknown, count: x.rank - count))]
      }
      axes = Set(try normalized(list, rank: x.rank))
    }
    for axis in axes where (x.dimensions[axis].value ?? 1) != 1 {
      throw DeployError.operand("axis \(axis) of \(x) is not 1")
    }
    let kept = x.dimensions.indices.filter { !axes.contains($0) }
    return [TensorType(x.scalarType, kept.map { x.dimensions[$0] })]
  }

  /// No copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [try inputs.required(0, of: Self.name).reshaped(to: resultShape(inputs))]
  }
}
