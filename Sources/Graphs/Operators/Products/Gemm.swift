import Diagnostics
public import Tensors

/// alpha · A · B + beta · C. Operands: A `[M, K]`, B `[K, N]` (each may be stored transposed),
/// C (optional, broadcasts to `[M, N]`). Source: ONNX Gemm, opset 13.
public struct Gemm: Operator {
  /// The ONNX `op_type`.
  public static let name = "Gemm"
  /// The factor of the product.
  public let alpha: Float
  /// The factor of C.
  public let beta: Float
  /// Whether A is stored as `[K, M]`.
  public let transposesA: Bool
  /// Whether B is stored as `[N, K]`.
  public let transposesB: Bool

  /// Creates the operator.
  public init(
    alpha: Float = 1,
    beta: Float = 1,
    transposesA: Bool = false,
    transposesB: Bool = false
  ) {
    self.alpha = alpha
    self.beta = beta
    self.transposesA = transposesA
    self.transposesB = transposesB
  }
  /// Reads `alpha`, `beta`, `transA`, `transB`.
  public init(attributes: Attributes, outputCount: Int) throws {
    alpha = try attributes.float("alpha", default: 1)
    beta = try attributes.float("beta", default: 1)
    transposesA = try attributes.int("transA", default: 0) != 0
    transposesB = try attributes.int("transB", default: 0) != 0
  }
  /// As ONNX names them.
  public var attributes: [String: Attribute] {
    [
      "alpha": .float(alpha), "beta": .float(beta),
      "transA": .int(transposesA ? 1 : 0), "transB": .int(transposesB ? 1 : 0),
    ]
  }

  /// `[M, N]`.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let a: TensorType = try inputs.required(0, of: Self.name).type
    let b: TensorType = try inputs.required(1, of: Self.name).type
    try checkElements(a.scalarType, of: Self.name, integers: true)
    try checkSame(a.scalarType, b.scalarType, of: Self.name)
    guard a.rank == 2, b.rank == 2 else {
      throw DeployError.operand("Gemm takes matrices, not \(a) and \(b)")
    }
    let left = transposesA ? a.dimensions.reversed() : a.dimensions
    let right = transposesB ? b.dimensions.reversed() : b.dimensions
    _ = try left[1].merged(with: right[0])
    let result = TensorType(a.scalarType, [left[0], right[1]])
    if let c = inputs.optional(2)?.type {
      try checkSame(a.scalarType, c.scalarType, of: Self.name)
      let shape = try broadcast(result.dimensions, c.dimensions)
      guard TensorType(a.scalarType, shape).isCompatible(with: result) else {
        throw DeployError.operand("C \(c) does not broadcast to \(result)")
      }
    }
    return [result]
  }

  /// The product, then the factors and C in double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let a = try ordered(inputs.required(0, of: Self.name), transposesA)
    let b = try ordered(inputs.required(1, of: Self.name), transposesB)
    let type = a.scalarType
    let wide: ScalarType = !type.isFloatingPoint ? .int64 : type == .float64 ? .float64 : .float32
    let plan = MatrixProduct(rows: shape[0], depth: a.shape[1], columns: shape[1])
    let product = try plan.multiply(
      a.converted(to: wide),
      b.converted(to: wide),
      shape: shape,
      blocks: [(0, 0)]
    )
    guard let c: Tensor = inputs.optional(2), beta != 0 else {
      guard alpha != 1 else { return [try product.converted(to: type)] }
      let values = try product.reals().map { Double(alpha) * $0 }
      return [try Tensor(reals: values, shape: shape, as: type)]
    }
    let values = try zip(product.reals(), c.broadcast(to: shape).reals())
    return [
      try Tensor(
        reals: values.map { Double(alpha) * $0 + Double(beta) * $1 },
        shape: shape,
        as: type
      )
    ]
  }

  private func ordered(_ matrix: Tensor, _ isTransposed: Bool) throws -> Tensor {
    isTransposed ? try matrix.collected(matrix.axisOffsets.reversed()) : matrix
  }

  /// K per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    guard let a = inputs.first.flatMap({ $0?.shape }), a.rank == 2 else { return 0 }
    return saturatingProduct([elementCount(outputs.first), Int64(a[transposesA ? 0 : 1])])
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}
