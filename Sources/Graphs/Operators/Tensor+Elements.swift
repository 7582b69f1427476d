import Diagnostics
import Glibc
import Tensors

/// How operators read elements and write results.
///
/// Floating-point elements are computed in `Double` and rounded once to their own format, which
/// for + - × ÷ and the square root equals computing in that format (53 ≥ 2·24 + 2 bits).
/// Integers and truth values are computed in `Int64` and wrap.
extension Tensor {
  /// The elements as doubles.
  func reals() throws -> [Double] { try converted(to: .float64).scalars(of: Double.self) }
  /// The elements as 64-bit integers.
  func wholes() throws -> [Int64] { try converted(to: .int64).scalars(of: Int64.self) }
  /// The elements as truth values.
  func truths() throws -> [Bool] { try converted(to: .bool).scalars(of: Bool.self) }

  /// A tensor of `type` from doubles.
  init(reals: [Double], shape: Shape, as type: ScalarType) throws {
    self = try Tensor(reals, shape: shape).converted(to: type)
  }
  /// A tensor of `type` from 64-bit integers.
  init(wholes: [Int64], shape: Shape, as type: ScalarType) throws {
    self = try Tensor(wholes, shape: shape).converted(to: type)
  }

  /// The offsets, in elements, of each position along each axis.
  var axisOffsets: [[Int]] {
    zip(shape.dimensions, shape.strides).map { extent, stride in
      (0..<extent).map { $0 * stride }
    }
  }

  /// The elements repeated to a shape that they broadcast to.
  func broadcast(to target: Shape) throws -> Tensor {
    guard target != shape else { return self }
    let missing = target.rank - shape.rank
    let strides = shape.strides
    let offsets = target.dimensions.indices.map { axis -> [Int] in
      let extent = target[axis]
      guard axis >= missing, shape[axis - missing] != 1 else {
        return [Int](repeating: 0, count: extent)
      }
      return (0..<extent).map { $0 * strides[axis - missing] }
    }
    return try collected(offsets)
  }

  /// The tensor whose element at (i, j, …) is this one's at `offsets[0][i] + offsets[1][j] + …`,
  /// counted in elements; where an offset is negative, it is `fill` (one element; zero if nil).
  ///
  /// Every operator that only moves data is a choice of these tables.
  func collected(_ offsets: [[Int]], fill: Tensor? = nil) throws -> Tensor {
    let extents = offsets.map(\.count)
    guard let count = Shape.checkedCount(extents), count <= elementLimit else {
      throw DeployError.operand("a result of shape \(extents) is too large")
    }
    let size = scalarType.byteCount
    return try withBytes { source in
      try Tensor(shape: Shape(extents), scalarType: scalarType) { target in
        guard count > 0, let output = target.baseAddress else { return }
        if let fill {
          try fill.withBytes { element in
            guard let first = element.baseAddress else { return }
            for index in 0..<count { memcpy(output + index * size, first, size) }
          }
        } else {
          memset(output, 0, target.count)
        }
        guard let input = source.baseAddress, source.count > 0 else { return }
        let row = RowTable(offsets.last ?? [0])
        var position = 0
        forEachOffset(offsets.dropLast()) { base in
          if base >= 0 { row.copy(input + base * size, output + position * size, size) }
          position += row.offsets.count
        }
      }
    }
  }
}

/// Calls `body` with the sum of offsets at every position, in row-major order; with -1 where one
/// of them is negative.
func forEachOffset(_ axes: ArraySlice<[Int]>, _ body: (Int) -> Void) {
  guard let axis = axes.first else { return body(0) }
  if axes.count == 1 {
    for offset in axis { body(offset) }
    return
  }
  for offset in axis {
    forEachOffset(axes.dropFirst()) { inner in body(offset < 0 || inner < 0 ? -1 : offset + inner) }
  }
}

/// The offsets along the innermost axis; a run of neighbours is copied at once.
private struct RowTable {
  let offsets: [Int]
  let isRun: Bool

  init(_ offsets: [Int]) {
    self.offsets = offsets
    isRun = offsets.indices.allSatisfy { offsets[$0] >= 0 && offsets[$0] == offsets[0] + $0 }
  }

  func copy(_ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer, _ size: Int) {
    if isRun {
      guard let first = offsets.first else { return }
      memcpy(output, input + first * size, offsets.count * size)
      return
    }
    switch size {
    case 1: copy(input, output, as: UInt8.self)
    case 2: copy(input, output, as: UInt16.self)
    case 4: copy(input, output, as: UInt32.self)
    default: copy(input, output, as: UInt64.self)
    }
  }

  private func copy<Word>(
    _ input: UnsafeRawPointer,
    _ output: UnsafeMutableRawPointer,
    as word: Word.Type
  ) {
    let source = input.assumingMemoryBound(to: word)
    let target = output.assumingMemoryBound(to: word)
    offsets.withUnsafeBufferPointer { offsets in
      for index in 0..<offsets.count where offsets[index] >= 0 {
        target[index] = source[offsets[index]]
      }
    }
  }
}
