import Diagnostics
public import Tensors

/// The slices that coordinate vectors choose. Operands: data, indices `[…, k]`.
/// Source: ONNX GatherND, opset 13.
public struct GatherND: Operator {
  /// The ONNX `op_type`.
  public static let name = "GatherND"
  /// How many leading axes data and indices share.
  public let batchAxes: Int
  /// Creates the operator.
  public init(batchAxes: Int = 0) { self.batchAxes = batchAxes }
  /// Reads `batch_dims`.
  public init(attributes: Attributes, outputCount: Int) throws {
    batchAxes = try attributes.int("batch_dims", default: 0)
  }
  /// `batch_dims`.
  public var attributes: [String: Attribute] { ["batch_dims": .int(Int64(batchAxes))] }
  /// The indices' shape without its last extent, then the rest of the data's.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let indices: TensorType = try inputs.required(1, of: Self.name).type
    let depth = try vectorLength(x, indices, batchAxes: batchAxes, of: Self.name)
    let shape = indices.dimensions.dropLast() + x.dimensions.dropFirst(batchAxes + depth)
    return [TensorType(x.scalarType, Array(shape))]
  }
  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let sources = try sliceOffsets(x.shape, inputs.required(1, of: Self.name), batchAxes: batchAxes)
    let depth = try inputs.required(1, of: Self.name).shape.dimensions.last ?? 0
    let length = x.shape.dimensions.dropFirst(batchAxes + depth).reduce(1, *)
    return [try x.collected([sources, Array(0..<length)]).reshaped(to: shape)]
  }
}

/// How many coordinates an index vector has.
/// - Throws: `graph.invalid-operand` where that is unknown or does not fit the data.
func vectorLength(
  _ x: TensorType,
  _ indices: TensorType,
  batchAxes: Int,
  of name: String
) throws -> Int {
  try checkIndices(indices, of: name)
  guard batchAxes >= 0, batchAxes < min(max(1, x.rank), max(1, indices.rank)),
    let depth = indices.dimensions.last?.value, depth <= x.rank - batchAxes
  else {
    throw DeployError.operand("\(name) does not take data \(x) with indices \(indices)")
  }
  for axis in 0..<batchAxes { _ = try x.dimensions[axis].merged(with: indices.dimensions[axis]) }
  return depth
}

/// For each index vector, the offset of its slice.
func sliceOffsets(_ x: Shape, _ indices: Tensor, batchAxes: Int) throws -> [Int] {
  let depth = indices.shape.dimensions.last ?? 0
  let strides = x.strides
  let values = try indices.wholes()
  let count = indices.shape.dimensions.dropLast().reduce(1, *)
  let batches = x.dimensions.prefix(batchAxes).reduce(1, *)
  let batchStride = x.dimensions.dropFirst(batchAxes).reduce(1, *)
  let perBatch = max(1, batches == 0 ? 1 : count / batches)
  return try (0..<count).map { vector in
    try (0..<depth).reduce(vector / perBatch * batchStride) { offset, index in
      let axis = batchAxes + index
      return offset + (try position(values[vector * depth + index], in: x[axis])) * strides[axis]
    }
  }
}
