import Diagnostics
import Tensors

extension Module {
  /// A trained matrix [rows, columns] as [columns, rows], computed when it is read.
  /// - Parameter rows: which rows to take; all by default.
  /// - Throws: `model.incomplete-module` where it is no matrix or has fewer rows.
  func transposedWeight(_ name: String, rows: Range<Int>? = nil) throws -> Tensor {
    let matrix = try weight(name)
    let rows = rows ?? 0..<(matrix.shape.dimensions.first ?? 0)
    guard matrix.shape.rank == 2, rows.upperBound <= matrix.shape[0] else {
      throw incomplete("matrix '\(name)'")
    }
    let columns = matrix.shape[1]
    return Tensor(deferred: [columns, rows.count], .float32) {
      try matrix.withScalars(of: Float.self) { source in
        Tensor(shape: [columns, rows.count], of: Float.self) { target in
          for row in rows {
            for column in 0..<columns {
              target[column * rows.count + row - rows.lowerBound] = source[row * columns + column]
            }
          }
        }
      }
    }
  }

  /// Part of a trained vector, computed when it is read.
  func weightPart(_ name: String, _ range: Range<Int>) throws -> Tensor? {
    guard let vector = try optionalWeight(name) else { return nil }
    guard vector.shape.rank == 1, range.upperBound <= vector.shape[0] else {
      throw incomplete("vector '\(name)'")
    }
    return Tensor(deferred: [range.count], .float32) {
      try vector.withScalars(of: Float.self) { try Tensor(Array($0[range]), shape: [range.count]) }
    }
  }
}
