import Glibc
import Tensors

extension Tensor {
  /// Every line along an axis as exp(x - max) over its sum, or that result's logarithm.
  func softmax(along axis: Int, isLogarithm: Bool) throws -> Tensor {
    let axis = try normalized(axis, rank: shape.rank)
    let values = try mapped(along: axis) { line in
      let top = line.reduce(-.infinity) { larger($0, $1) }
      let total = line.reduce(0) { $0 + exp($1 - top) }
      for index in line.indices {
        line[index] = isLogarithm ? line[index] - top - log(total) : exp(line[index] - top) / total
      }
    }
    return try Tensor(reals: values, shape: shape, as: scalarType)
  }
}
