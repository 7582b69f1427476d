import Tensors

/// Where the elements of a tensor are: element i, j, … is at `start + i·strides[0] + j·…`.
struct StridedLayout: Sendable {
  let start: Int
  let sizes: [Int]
  let strides: [Int]
  /// The number of elements.
  let count: Int
  /// One past the last element that is used.
  let end: Int
  /// Whether the elements lie one after another in row-major order.
  let isDense: Bool

  /// Nil where a number is negative or one of the sums overflows.
  init?(offset: Int, viewOffset: Int = 0, sizes: [Int], strides: [Int]) {
    let (start, overflow) = offset.addingReportingOverflow(viewOffset)
    guard offset >= 0, !overflow, sizes.count == strides.count else { return nil }
    var count = 1
    var last = start
    var dense = 1
    var isDense = true
    for (size, stride) in zip(sizes, strides).reversed() {
      guard size >= 0, stride >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      let (reach, reachOverflow) = max(0, size - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(reach)
      guard !overflow, !reachOverflow, !sumOverflow else { return nil }
      if size != 1 {
        if stride != dense { isDense = false }
        dense = product
      }
      count = product
      last = sum
    }
    // Sizes around a zero must not overflow either: their strides are computed elsewhere.
    guard Shape.checkedCount(sizes.filter { $0 > 0 }) != nil, last < .max else { return nil }
    self.start = count == 0 ? 0 : start
    self.sizes = sizes
    self.strides = strides
    self.count = count
    end = count == 0 ? 0 : last + 1
    self.isDense = count == 0 || isDense
  }

  /// Copies the elements, `width` bytes each, from the storage's bytes into row-major order.
  func gather(
    _ source: UnsafeRawBufferPointer,
    width: Int,
    into target: UnsafeMutableRawBufferPointer
  ) {
    switch width {
    case 1: gather(source, UInt8.self, target)
    case 2: gather(source, UInt16.self, target)
    case 4: gather(source, UInt32.self, target)
    default: gather(source, UInt64.self, target)
    }
  }

  private func gather<Word: BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer,
    _ word: Word.Type,
    _ target: UnsafeMutableRawBufferPointer
  ) {
    let width = MemoryLayout<Word>.size
    guard count > 0 else { return }
    guard let innerSize = sizes.last, let innerStride = strides.last else {
      let value = source.loadUnaligned(fromByteOffset: start * width, as: Word.self)
      target.storeBytes(of: value, as: Word.self)
      return
    }
    var index = [Int](repeating: 0, count: sizes.count)
    var row = start
    for place in Swift.stride(from: 0, to: count, by: innerSize) {
      for inner in 0..<innerSize {
        let value = source.loadUnaligned(
          fromByteOffset: (row + inner * innerStride) * width,
          as: Word.self
        )
        target.storeBytes(of: value, toByteOffset: (place + inner) * width, as: Word.self)
      }
      var axis = sizes.count - 2
      while axis >= 0 {
        index[axis] += 1
        row += strides[axis]
        if index[axis] < sizes[axis] { break }
        row -= sizes[axis] * strides[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }
}
