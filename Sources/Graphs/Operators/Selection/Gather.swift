import Diagnostics
public import Tensors

/// The slices that indices choose along an axis. Operands: data, indices (any shape; negative
/// counts from the end). Source: ONNX Gather, opset 13.
public struct Gather: Operator {
  /// The ONNX `op_type`.
  public static let name = "Gather"
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

  /// The axis' extent replaced by the shape of the indices.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let indices: TensorType = try inputs.required(1, of: Self.name).type
    try checkIndices(indices, of: Self.name)
    let axis = try normalized(self.axis, rank: x.rank)
    let dimensions =
      x.dimensions[..<axis] + indices.dimensions + x.dimensions[(axis + 1)...]
    return [TensorType(x.scalarType, Array(dimensions))]
  }

  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let indices = try inputs.required(1, of: Self.name).wholes()
    let axis = try normalized(self.axis, rank: x.shape.rank)
    var offsets = x.axisOffsets
    let all = offsets[axis]
    offsets[axis] = try indices.map { all[try position($0, in: all.count)] }
    return [try x.collected(offsets).reshaped(to: shape)]
  }
}

/// An index counted from the front.
/// - Throws: `graph.invalid-operand` where it is outside `-extent..<extent`.
func position(_ index: Int64, in extent: Int) throws -> Int {
  guard index >= -Int64(extent), index < Int64(extent) else {
    throw DeployError.operand("index \(index) is outside an axis of extent \(extent)")
  }
  return Int(index < 0 ? index + Int64(extent) : index)
}

/// - Throws: `graph.invalid-operand` where the operand holds no indices.
func checkIndices(_ type: TensorType, of name: String) throws {
  guard type.scalarType == .int64 || type.scalarType == .int32 else {
    throw DeployError.operand("\(name) takes indices of int64 or int32, not \(type)")
  }
}
