import Diagnostics
import Tensors

/// A convolution of concrete shapes: patches are gathered eight positions at a time and
/// multiplied with the weights as a matrix `[M, C / groups · taps]`.
struct ConvolutionPlan {
  let x: Shape
  let w: Shape
  let y: Shape
  let groups: Int
  /// Per spatial axis, per position, per tap: an offset into one channel, or -1.
  let coordinates: [[[Int]]]

  init(x: Shape, w: Shape, y: Shape, axes: [WindowAxis], groups: Int) throws {
    (self.x, self.w, self.y, self.groups) = (x, w, y, groups)
    let strides = x.strides
    coordinates = try axes.enumerated().map { index, axis in
      try axis.coordinates(extent: x[index + 2], positions: y[index + 2]).map { taps in
        taps.map { $0 < 0 ? -1 : $0 * strides[index + 2] }
      }
    }
  }

  func runFloat(_ input: Tensor, _ weights: Tensor, _ bias: Tensor?) throws -> Tensor {
    try run(Float.self, input, weights, bias)
  }
  func runDouble(_ input: Tensor, _ weights: Tensor, _ bias: Tensor?) throws -> Tensor {
    try run(Double.self, input, weights, bias)
  }

  private func run<T: BinaryFloatingPoint & TensorScalar & SIMDScalar>(
    _ type: T.Type,
    _ input: Tensor,
    _ weights: Tensor,
    _ bias: Tensor?
  ) throws -> Tensor {
    let offset = try bias?.scalars(of: T.self) ?? [T](repeating: 0, count: y[1])
    return try input.withScalars(of: T.self) { source in
      try weights.withScalars(of: T.self) { filters in
        Tensor(shape: y, of: T.self) { target in
          guard let target = target.baseAddress else { return }
          guard let source = source.baseAddress, let filters = filters.baseAddress else {
            return
          }
          fill(target, source, filters, offset)
        }
      }
    }
  }

  private func fill<T: BinaryFloatingPoint & SIMDScalar>(
    _ target: UnsafeMutablePointer<T>,
    _ source: UnsafePointer<T>,
    _ filters: UnsafePointer<T>,
    _ bias: [T]
  ) {
    let positions = y.dimensions.dropFirst(2).reduce(1, *)
    let area = x.dimensions.dropFirst(2).reduce(1, *)
    let taps = w.dimensions.dropFirst(2).reduce(1, *)
    let (depth, rows) = (w[1], w[0] / groups)
    let panel = UnsafeMutablePointer<SIMD8<T>>.allocate(capacity: max(1, depth * taps))
    defer { panel.deallocate() }
    var offsets = [Int](repeating: -1, count: taps * 8)
    for first in stride(from: 0, to: positions, by: 8) {
      let width = min(8, positions - first)
      locate(first, width, taps, &offsets)
      for block in 0..<(x[0] * groups) {
        let (batch, group) = (block / groups, block % groups)
        let base = source + (batch * x[1] + group * depth) * area
        gather(base, depth, area, offsets, panel)
        let row = group * rows
        multiply(filters + row * depth * taps, rows, depth * taps, panel) { index, sum in
          let output = target + ((batch * y[1] + row + index) * positions + first)
          let result = sum + bias[row + index]
          for lane in 0..<width { output[lane] = result[lane] }
        }
      }
    }
  }

  /// The offsets `[taps][8]` of eight neighbouring positions into one channel.
  private func locate(_ first: Int, _ width: Int, _ taps: Int, _ offsets: inout [Int]) {
    for lane in 0..<8 {
      guard lane < width else {
        for tap in 0..<taps { offsets[tap * 8 + lane] = -1 }
        continue
      }
      var rest = first + lane
      var lists: [[Int]] = []
      for axis in coordinates.reversed() {
        lists.append(axis[rest % axis.count])
        rest /= axis.count
      }
      var tap = 0
      forEachOffset(lists.reversed()[...]) { offset in
        offsets[tap * 8 + lane] = offset
        tap += 1
      }
    }
  }

  private func gather<T: BinaryFloatingPoint & SIMDScalar>(
    _ base: UnsafePointer<T>,
    _ depth: Int,
    _ area: Int,
    _ offsets: [Int],
    _ panel: UnsafeMutablePointer<SIMD8<T>>
  ) {
    offsets.withUnsafeBufferPointer { offsets in
      var target = UnsafeMutableRawPointer(panel).assumingMemoryBound(to: T.self)
      for channel in 0..<depth {
        let plane = base + channel * area
        for index in 0..<offsets.count {
          target[index] = offsets[index] < 0 ? 0 : plane[offsets[index]]
        }
        target += offsets.count
      }
    }
  }

  /// Rows of weights times a panel `[depth][8]`, four rows at a time, the depth in order.
  private func multiply<T: BinaryFloatingPoint & SIMDScalar>(
    _ weights: UnsafePointer<T>,
    _ rows: Int,
    _ depth: Int,
    _ panel: UnsafePointer<SIMD8<T>>,
    _ store: (Int, SIMD8<T>) -> Void
  ) {
    var row = 0
    while row + 4 <= rows {
      let w0 = weights + row * depth
      let (w1, w2, w3) = (w0 + depth, w0 + 2 * depth, w0 + 3 * depth)
      var s0 = SIMD8<T>(repeating: 0)
      var (s1, s2, s3) = (s0, s0, s0)
      for k in 0..<depth {
        let x = panel[k]
        s0 += x * w0[k]
        s1 += x * w1[k]
        s2 += x * w2[k]
        s3 += x * w3[k]
      }
      store(row, s0)
      store(row + 1, s1)
      store(row + 2, s2)
      store(row + 3, s3)
      row += 4
    }
    while row < rows {
      var sum = SIMD8<T>(repeating: 0)
      for k in 0..<depth { sum += panel[k] * weights[row * depth + k] }
      store(row, sum)
      row += 1
    }
  }
}
