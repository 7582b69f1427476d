import Diagnostics
import Tensors

extension Tensor {
  /// One number per position of the other axes, from the doubles along `axes` in order.
  func reduced(over axes: [Int], _ reduce: (ArraySlice<Double>) throws -> Double) throws -> [Double]
  {
    let (values, length, count) = try gathered(axes)
    return try (0..<count).map { try reduce(values[($0 * length)..<(($0 + 1) * length)]) }
  }

  /// The doubles with `axes` moved to the end: how many there are per position, and positions.
  private func gathered(_ axes: [Int]) throws -> ([Double], length: Int, count: Int) {
    let kept = shape.dimensions.indices.filter { !axes.contains($0) }
    let offsets = axisOffsets
    let order = kept + axes.sorted()
    let values = try (order == Array(0..<shape.rank) ? self : collected(order.map { offsets[$0] }))
      .reals()
    let count = kept.reduce(1) { $0 * shape[$1] }
    return (values, axes.reduce(1) { $0 * shape[$1] }, count)
  }

  /// The doubles along one axis mapped as a whole, in place of the old ones.
  func mapped(along axis: Int, _ transform: (inout [Double]) -> Void) throws -> [Double] {
    var values = try reals()
    let extent = shape[axis]
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    var line = [Double](repeating: 0, count: extent)
    for block in 0..<outer {
      for lane in 0..<inner {
        let start = block * extent * inner + lane
        for index in 0..<extent { line[index] = values[start + index * inner] }
        transform(&line)
        for index in 0..<extent { values[start + index * inner] = line[index] }
      }
    }
    return values
  }
}
