import Diagnostics
public import Tensors

/// The operand repeated along each axis. Operands: data, repeats. Source: ONNX Tile, opset 13.
public struct Tile: Operator {
  /// The ONNX `op_type`.
  public static let name = "Tile"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// Every extent times its repeats.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    guard let repeats = try inputs.required(1, of: Self.name).list("Tile's repeats") else {
      return [TensorType(x.scalarType, x.dimensions.map { _ in .unknown })]
    }
    guard repeats.count == x.rank, repeats.allSatisfy({ $0 >= 0 }) else {
      throw DeployError.operand("repeats \(repeats) do not fit \(x)")
    }
    let dimensions = try zip(x.dimensions, repeats).map { try product([$0, .fixed($1)]) }
    return [TensorType(x.scalarType, dimensions)]
  }
  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let offsets = x.axisOffsets.enumerated().map { axis, all in
      (0..<shape[axis]).map { all[$0 % all.count] }
    }
    return [try x.collected(offsets)]
  }
}
