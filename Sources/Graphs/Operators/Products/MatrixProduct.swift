import Tensors

/// C += A · B for dense row-major matrices: row by row, the inner extent in order.
struct MatrixProduct {
  let rows: Int
  let depth: Int
  let columns: Int

  /// Single precision for the narrower formats, double for double; integers wrap.
  func multiply(_ a: Tensor, _ b: Tensor, shape: Shape, blocks: [(Int, Int)]) throws -> Tensor {
    let type = a.scalarType
    switch type {
    case .float64: return try run(Double.self, a, b, shape, blocks) { $0 += $1 * $2 }
    case .float32, .float16, .bfloat16:
      let (x, y) = (try a.converted(to: .float32), try b.converted(to: .float32))
      return try run(Float.self, x, y, shape, blocks) { $0 += $1 * $2 }.converted(to: type)
    case .int64, .int32, .int16, .int8, .uint8, .bool:
      let (x, y) = (try a.converted(to: .int64), try b.converted(to: .int64))
      return try run(Int64.self, x, y, shape, blocks) { $0 &+= $1 &* $2 }.converted(to: type)
    }
  }

  /// - Parameter blocks: for each matrix of the result, which matrices of A and B it is made of.
  @inline(__always)
  private func run<T: TensorScalar & Numeric>(
    _ type: T.Type,
    _ a: Tensor,
    _ b: Tensor,
    _ shape: Shape,
    _ blocks: [(Int, Int)],
    _ accumulate: (inout T, T, T) -> Void
  ) throws -> Tensor {
    try a.withScalars(of: T.self) { a in
      try b.withScalars(of: T.self) { b in
        Tensor(shape: shape, of: T.self) { c in
          for index in 0..<c.count { c[index] = 0 }
          guard let c = c.baseAddress, let a = a.baseAddress, let b = b.baseAddress else { return }
          for (index, block) in blocks.enumerated() {
            let left = a + block.0 * rows * depth
            let right = b + block.1 * depth * columns
            for row in 0..<rows {
              let result = c + (index * rows + row) * columns
              for k in 0..<depth {
                let factor = left[row * depth + k]
                let line = right + k * columns
                for column in 0..<columns { accumulate(&result[column], factor, line[column]) }
              }
            }
          }
        }
      }
    }
  }
}
