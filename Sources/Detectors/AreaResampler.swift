import Images

/// Scaling down by averaging the area that each target pixel covers, one row at a time.
/// Source: OpenCV 4 `resize`, INTER_AREA on 8-bit pictures: single precision, or whole-number
/// sums where both scales are whole.
struct AreaResampler {
  /// One source pixel's share of one target pixel.
  private struct Share {
    let target: Int
    let source: Int
    let weight: Float
  }
  private(set) var width = 0
  private(set) var height = 0
  private var sourceWidth = 0
  private var sourceHeight = 0
  private var columns: [Share] = []
  private var rows: [Share] = []
  private var nextRow = 0
  private var sums: [Float] = []
  private var scaled: [Float] = []
  /// Both scales where they are whole numbers.
  private var wholeScale: (x: Int, y: Int)?

  /// Prepares for a size; nothing is done when it is the size of before.
  mutating func prepare(from source: Image, width: Int, height: Int) {
    nextRow = 0
    guard
      source.width != sourceWidth || source.height != sourceHeight || width != self.width
        || height != self.height
    else { return }
    (sourceWidth, sourceHeight) = (source.width, source.height)
    (self.width, self.height) = (width, height)
    let isWhole = sourceWidth % width == 0 && sourceHeight % height == 0
    wholeScale = isWhole ? (sourceWidth / width, sourceHeight / height) : nil
    Self.fill(&columns, sourceWidth, width)
    Self.fill(&rows, sourceHeight, height)
    for keyPath in [\Self.sums, \Self.scaled] {
      self[keyPath: keyPath].removeAll(keepingCapacity: true)
      self[keyPath: keyPath].append(contentsOf: repeatElement(0, count: 3 * width))
    }
  }

  /// Writes the next target row, planar [3, width], as 8-bit values. Rows come in order.
  mutating func write(
    row: Int,
    of source: UnsafePointer<UInt8>,
    to target: UnsafeMutablePointer<Int16>
  ) {
    if let wholeScale { return writeWhole(row, wholeScale, source, target) }
    if row == 0 { nextRow = 0 }
    for index in sums.indices { sums[index] = 0 }
    while nextRow < rows.count, rows[nextRow].target == row {
      let share = rows[nextRow]
      add(source + 3 * sourceWidth * share.source, share.weight)
      nextRow += 1
    }
    for column in 0..<width {
      for channel in 0..<3 {
        target[channel * width + column] = Self.rounded(sums[3 * column + channel])
      }
    }
  }

  private mutating func add(_ row: UnsafePointer<UInt8>, _ weight: Float) {
    scaled.withUnsafeMutableBufferPointer { scaled in
      for index in scaled.indices { scaled[index] = 0 }
      columns.withUnsafeBufferPointer { columns in
        for share in columns {
          let (to, from) = (3 * share.target, row + 3 * share.source)
          scaled[to] += Float(from[0]) * share.weight
          scaled[to + 1] += Float(from[1]) * share.weight
          scaled[to + 2] += Float(from[2]) * share.weight
        }
      }
      sums.withUnsafeMutableBufferPointer { sums in
        for index in sums.indices { sums[index] += weight * scaled[index] }
      }
    }
  }

  private func writeWhole(
    _ row: Int,
    _ scale: (x: Int, y: Int),
    _ source: UnsafePointer<UInt8>,
    _ target: UnsafeMutablePointer<Int16>
  ) {
    let factor = 1 / Float(scale.x * scale.y)
    for column in 0..<width {
      for channel in 0..<3 {
        var sum = 0
        for y in scale.y * row..<scale.y * (row + 1) {
          let start = 3 * (sourceWidth * y + scale.x * column) + channel
          for x in 0..<scale.x { sum += Int(source[start + 3 * x]) }
        }
        let isQuarter = scale.x == 2 && scale.y == 2
        target[channel * width + column] =
          isQuarter ? Int16((sum + 2) >> 2) : Self.rounded(Float(sum) * factor)
      }
    }
  }

  private static func rounded(_ value: Float) -> Int16 {
    Int16(min(max(value.rounded(.toNearestOrEven), 0), 255))
  }

  /// Source: OpenCV `computeResizeAreaTab`.
  private static func fill(_ shares: inout [Share], _ sourceCount: Int, _ count: Int) {
    shares.removeAll(keepingCapacity: true)
    let scale = 1 / (Double(count) / Double(sourceCount))
    for target in 0..<count {
      let start = Double(target) * scale
      let end = start + scale
      let extent = min(scale, Double(sourceCount) - start)
      let last = min(Int(end.rounded(.down)), sourceCount - 1)
      let first = min(Int(start.rounded(.up)), last)
      let before = Double(first) - start
      if before > 1e-3 {
        shares.append(Share(target: target, source: first - 1, weight: Float(before / extent)))
      }
      for source in first..<last {
        shares.append(Share(target: target, source: source, weight: Float(1 / extent)))
      }
      let after = end - Double(last)
      if after > 1e-3 {
        let weight = Float(min(min(after, 1), extent) / extent)
        shares.append(Share(target: target, source: last, weight: weight))
      }
    }
  }
}
