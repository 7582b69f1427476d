import Diagnostics
public import Tensors

/// The elements that indices choose along an axis, one by one. Operands: data, indices of the
/// same rank. Source: ONNX GatherElements, opset 13.
public struct GatherElements: Operator {
  /// The ONNX `op_type`.
  public static let name = "GatherElements"
  /// The axis; negative counts from the end.
  public let axis: Int
  /// Creates the operator.
  public init(axis: Int = 0) { self.axis = axis }
  /// Reads `axis`.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: 0)
  }
  /// `axis`.
  public var attributes: [String: Attribute] { ["axis": .int(Int64(axis))] }
  /// The indices' shape.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let indices: TensorType = try inputs.required(1, of: Self.name).type
    try checkElementIndices(x, indices, axis: normalized(axis, rank: x.rank), of: Self.name)
    return [TensorType(x.scalarType, indices.dimensions)]
  }
  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let sources = try elementOffsets(
      x.shape,
      inputs.required(1, of: Self.name),
      axis: normalized(axis, rank: x.shape.rank)
    )
    return [try x.collected([sources]).reshaped(to: shape)]
  }
}

/// - Throws: `graph.invalid-operand` where the indices do not fit the data off the axis.
func checkElementIndices(_ x: TensorType, _ indices: TensorType, axis: Int, of name: String) throws
{
  try checkIndices(indices, of: name)
  guard indices.rank == x.rank else {
    throw DeployError.operand("\(name) needs data and indices of one rank, not \(x) and \(indices)")
  }
  for other in x.dimensions.indices where other != axis {
    guard let extent = indices.dimensions[other].value, let limit = x.dimensions[other].value,
      extent > limit
    else { continue }
    throw DeployError.operand("indices \(indices) exceed the data \(x)")
  }
}

/// For each index, the offset of its element in data of shape `x`.
func elementOffsets(_ x: Shape, _ indices: Tensor, axis: Int) throws -> [Int] {
  let strides = x.strides
  let chosen = try indices.wholes()
  var bases: [Int] = []
  let tables = indices.shape.dimensions.enumerated().map { other, extent in
    (0..<extent).map { other == axis ? 0 : $0 * strides[other] }
  }
  forEachOffset(tables[...]) { bases.append($0) }
  return try zip(bases, chosen).map { $0 + (try position($1, in: x[axis])) * strides[axis] }
}
