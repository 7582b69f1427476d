import Backends
import CImageKernels
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
  /// Columns before these may read eight bytes at the left pixel, or have a right pixel.
  private var wideColumnCount = 0
  private var pairColumnCount = 0
  /// Two scaled source rows, planar [3, width] each, shifted right by 4.
  private var rows: [Int16] = []
  private var rowIndices = (-1, -1)

  /// Prepares for a size; nothing is done when it is the size of before.
  mutating func prepare(from source: Image, width: Int, height: Int) {
    rowIndices = (-1, -1)
    guard
      source.width != sourceWidth || source.height != sourceHeight || width != self.width
        || height != self.height
    else { return }
    (sourceWidth, sourceHeight) = (source.width, source.height)
    (self.width, self.height) = (width, height)
    offsets.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    (wideColumnCount, pairColumnCount) = (0, 0)
    for column in 0..<width {
      let mix = Self.column(column, of: width, from: sourceWidth)
      let left = Int(mix.first)
      offsets.append(Int32(3 * left))
      weights.append(UInt32(mix.firstWeight) | UInt32(mix.secondWeight) << 16)
      if left + 1 < sourceWidth { pairColumnCount = column + 1 }
      if 3 * left + 8 <= 3 * sourceWidth { wideColumnCount = column + 1 }
    }
    rows.removeAll(keepingCapacity: true)
    rows.append(contentsOf: repeatElement(0, count: 2 * 3 * width))
  }

  /// Lends one target row. Each source row is scaled once when rows come in order.
  mutating func withRow(
    _ row: Int,
    of source: UnsafePointer<UInt8>,
    _ body: (ScaledRow) -> Void
  ) {
    let mix = Self.row(row, of: height, from: sourceHeight)
    let (upperRow, lowerRow) = (Int(mix.first), Int(mix.second))
    let upper = prepareRow(upperRow, of: source, keeping: lowerRow)
    let lower = prepareRow(lowerRow, of: source, keeping: upperRow)
    rows.withUnsafeBufferPointer { rows in
      guard let start = rows.baseAddress else { return }
      body(
        .blend(
          upper: start + upper * 3 * width,
          lower: start + lower * 3 * width,
          upperWeight: mix.firstWeight,
          lowerWeight: mix.secondWeight
        )
      )
    }
  }

  /// The two source columns of a target column. At the edges the nearest column stands alone.
  static func column(_ index: Int, of width: Int, from sourceWidth: Int) -> PicturePlacement.Mix {
    var (left, fraction) = position(index, 1 / (Double(width) / Double(sourceWidth)))
    if left < 0 { (left, fraction) = (0, 0) }
    if left >= sourceWidth - 1 { (left, fraction) = (sourceWidth - 1, 0) }
    return PicturePlacement.Mix(
      first: Int32(left),
      second: Int32(min(left + 1, sourceWidth - 1)),
      firstWeight: weight(1 - fraction),
      secondWeight: weight(fraction)
    )
  }

  /// The two source rows of a target row. At the edges both are the nearest row.
  static func row(_ index: Int, of height: Int, from sourceHeight: Int) -> PicturePlacement.Mix {
    let (top, fraction) = position(index, 1 / (Double(height) / Double(sourceHeight)))
    return PicturePlacement.Mix(
      first: Int32(min(max(top, 0), sourceHeight - 1)),
      second: Int32(min(max(top + 1, 0), sourceHeight - 1)),
      firstWeight: weight(1 - fraction),
      secondWeight: weight(fraction)
    )
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

  /// The place of a scaled source row, computed unless it is there; the row `keeping` stays.
  private mutating func prepareRow(
    _ row: Int,
    of source: UnsafePointer<UInt8>,
    keeping: Int
  ) -> Int {
    if rowIndices.0 == row { return 0 }
    if rowIndices.1 == row { return 1 }
    let place = rowIndices.0 == keeping ? 1 : 0
    if place == 0 { rowIndices.0 = row } else { rowIndices.1 = row }
    rows.withUnsafeMutableBufferPointer { rows in
      guard let target = rows.baseAddress else { return }
      kernels_scale_row(
        source + 3 * sourceWidth * row,
        offsets,
        weights,
        wideColumnCount,
        pairColumnCount,
        width,
        target + place * 3 * width
      )
    }
    return place
  }
}
