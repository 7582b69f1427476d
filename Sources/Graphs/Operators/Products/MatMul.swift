import Diagnostics
public import Tensors

/// The matrix product over the last two axes; the axes before broadcast.
/// Operands: A `[…, M, K]`, B `[…, K, N]`. Source: ONNX MatMul, opset 13.
public struct MatMul: Operator {
  /// The ONNX `op_type`.
  public static let name = "MatMul"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }

  /// `[…, M, N]`; a list stands for a row (A) or a column (B), whose axis is left out again.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let a: TensorType = try inputs.required(0, of: Self.name).type
    let b: TensorType = try inputs.required(1, of: Self.name).type
    try checkElements(a.scalarType, of: Self.name, integers: true)
    try checkSame(a.scalarType, b.scalarType, of: Self.name)
    guard a.rank > 0, b.rank > 0 else {
      throw DeployError.operand("MatMul does not take scalars: \(a), \(b)")
    }
    let left = a.rank == 1 ? [1] + a.dimensions : a.dimensions
    let right = b.rank == 1 ? b.dimensions + [1] : b.dimensions
    _ = try left[left.count - 1].merged(with: right[right.count - 2])
    var result = try broadcast(Array(left.dropLast(2)), Array(right.dropLast(2)))
    if a.rank > 1 { result.append(left[left.count - 2]) }
    if b.rank > 1 { result.append(right[right.count - 1]) }
    return [TensorType(a.scalarType, result)]
  }

  /// Every sum in the order of K.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let a: Tensor = try inputs.required(0, of: Self.name)
    let b: Tensor = try inputs.required(1, of: Self.name)
    let left = a.shape.rank == 1 ? [1] + a.shape.dimensions : a.shape.dimensions
    let right = b.shape.rank == 1 ? b.shape.dimensions + [1] : b.shape.dimensions
    let product = MatrixProduct(
      rows: left[left.count - 2],
      depth: left[left.count - 1],
      columns: right[right.count - 1]
    )
    let batches = try broadcast(
      left.dropLast(2).map { .fixed($0) },
      right.dropLast(2).map { .fixed($0) }
    ).compactMap(\.value)
    let blocks = zip(
      try matrices(Array(left.dropLast(2)), batches),
      try matrices(Array(right.dropLast(2)), batches)
    )
    return [try product.multiply(a, b, shape: shape, blocks: blocks.map { ($0, $1) })]
  }

  /// Which matrix of an operand each matrix of the result needs.
  private func matrices(_ extents: [Int], _ batches: [Int]) throws -> [Int] {
    let shape = Shape(extents)
    let numbers = try Tensor((0..<shape.count).map { Int64($0) }, shape: shape)
    return try numbers.broadcast(to: Shape(batches)).integers()
  }

  /// K per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    let depth = inputs.first.flatMap { $0?.dimensions.last?.value } ?? 0
    return saturatingProduct([elementCount(outputs.first), Int64(depth)])
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}
