import Images

/// Bilinear scaling in OpenCV's 11-bit fixed point, bit for bit, one row at a time.
/// Source: OpenCV 4 `resize`, INTER_LINEAR on 8-bit pictures.
struct LinearResampler {
  private var sourceWidth = 0
  private var sourceHeight = 0
  private(set) var width = 0
  private(set) var height = 0
  /// Byte offset of the left pixel, and the weights of both, per target column.
  private var offsets: [Int32] = []
  private var weights: [UInt32] = []
  /// Columns before this one may read four bytes at both pixels in any row.
  private var safeColumnCount = 0
  /// Two scaled source rows, planar [3, width], shifted right by 4.
  private var rows: [[Int16]] = [[], []]
  private var rowIndices = [-1, -1]

  /// Prepares for a size; nothing is done when it is the size of before.
  mutating func prepare(from source: Image, width: Int, height: Int) {
    rowIndices = [-1, -1]
    guard
      source.width != sourceWidth || source.height != sourceHeight || width != self.width
        || height != self.height
    else { return }
    (sourceWidth, sourceHeight) = (source.width, source.height)
    (self.width, self.height) = (width, height)
    offsets.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    safeColumnCount = 0
    let scale = 1 / (Double(width) / Double(sourceWidth))
    for column in 0..<width {
      var (left, fraction) = Self.position(column, scale)
      if left < 0 { (left, fraction) = (0, 0) }
      if left >= sourceWidth - 1 { (left, fraction) = (sourceWidth - 1, 0) }
      offsets.append(Int32(3 * left))
      weights.append(
        UInt32(Self.weight(1 - fraction)) | UInt32(Self.weight(fraction)) << 16
      )
      if left + 2 < sourceWidth { safeColumnCount = column + 1 }
    }
    for index in 0..<2 {
      rows[index].removeAll(keepingCapacity: true)
      rows[index].append(contentsOf: repeatElement(0, count: 3 * width))
    }
  }

  /// Writes one target row, planar [3, width], as 8-bit values.
  mutating func write(
    row: Int,
    of source: UnsafePointer<UInt8>,
    to target: UnsafeMutablePointer<Int16>
  ) {
    let scale = 1 / (Double(height) / Double(sourceHeight))
    let (top, fraction) = Self.position(row, scale)
    let upper = prepareRow(min(max(top, 0), sourceHeight - 1), of: source, keeping: -1)
    let lowerRow = min(max(top + 1, 0), sourceHeight - 1)
    let lower = prepareRow(lowerRow, of: source, keeping: upper)
    let upperWeight = Self.weight(1 - fraction)
    let lowerWeight = Self.weight(fraction)
    rows[upper].withUnsafeBufferPointer { upper in
      rows[lower].withUnsafeBufferPointer { lower in
        for index in 0..<3 * width {
          let above = Int16(truncatingIfNeeded: (Int32(upper[index]) &* upperWeight) &>> 16)
          let below = Int16(truncatingIfNeeded: (Int32(lower[index]) &* lowerWeight) &>> 16)
          target[index] = (above &+ below &+ 2) &>> 2
        }
      }
    }
  }

  /// The source position of a target index: its whole part and its fraction.
  private static func position(_ index: Int, _ scale: Double) -> (Int, Float) {
    let position = Float((Double(index) + 0.5) * scale - 0.5)
    let whole = position.rounded(.down)
    return (Int(whole), position - whole)
  }

  private static func weight(_ fraction: Float) -> Int32 {
    Int32((fraction * 2048).rounded(.toNearestOrEven))
  }

  /// The place of a scaled source row, computed unless it is there; `keeping` is not touched.
  private mutating func prepareRow(
    _ row: Int,
    of source: UnsafePointer<UInt8>,
    keeping: Int
  ) -> Int {
    if let place = rowIndices.firstIndex(of: row) { return place }
    let place = keeping == 0 ? 1 : keeping == 1 ? 0 : rowIndices[0] < rowIndices[1] ? 0 : 1
    rowIndices[place] = row
    let start = source + 3 * sourceWidth * row
    // The rows are taken out so that scaling may read the rest of this value.
    var target: [Int16] = []
    swap(&target, &rows[place])
    target.withUnsafeMutableBufferPointer { scale(start, to: $0) }
    swap(&target, &rows[place])
    return place
  }

  /// Three channels are weighted by one multiplication: each takes 20 bits of a word.
  private func scale(
    _ source: UnsafePointer<UInt8>,
    to target: UnsafeMutableBufferPointer<Int16>
  ) {
    guard let red = target.baseAddress else { return }
    let (green, blue) = (red + width, red + 2 * width)
    let bytes = UnsafeRawPointer(source)
    offsets.withUnsafeBufferPointer { offsets in
      weights.withUnsafeBufferPointer { weights in
        for column in 0..<safeColumnCount {
          let address = bytes + Int(offsets[column])
          let left = Self.spread(address.loadUnaligned(as: UInt32.self))
          let right = Self.spread((address + 3).loadUnaligned(as: UInt32.self))
          let weight = weights[column]
          let sum = left &* UInt64(weight & 0xFFFF) &+ right &* UInt64(weight &>> 16)
          red[column] = Int16(truncatingIfNeeded: sum &>> 4)
          green[column] = Int16(truncatingIfNeeded: sum &>> 24)
          blue[column] = Int16(truncatingIfNeeded: sum &>> 44)
        }
        for column in safeColumnCount..<width {
          let left = source + Int(offsets[column])
          let isLast = Int(offsets[column]) == 3 * (sourceWidth - 1)
          let right = isLast ? left : left + 3
          let weight = (Int32(weights[column] & 0xFFFF), Int32(weights[column] >> 16))
          red[column] = Int16((Int32(left[0]) * weight.0 + Int32(right[0]) * weight.1) >> 4)
          green[column] = Int16((Int32(left[1]) * weight.0 + Int32(right[1]) * weight.1) >> 4)
          blue[column] = Int16((Int32(left[2]) * weight.0 + Int32(right[2]) * weight.1) >> 4)
        }
      }
    }
  }

  @inline(__always)
  private static func spread(_ pixel: UInt32) -> UInt64 {
    let pixel = UInt64(pixel)
    return pixel & 0xFF | (pixel & 0xFF00) &<< 12 | (pixel & 0xFF_0000) &<< 24
  }
}
