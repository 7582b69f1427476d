/// Which pixels of a picture an object covers, as run lengths.
///
/// Pixels are counted column by column from the top left; runs alternate between outside and
/// inside, beginning with outside (0 where the first pixel is inside). Source: COCO's
/// uncompressed run-length format.
public struct Mask: Sendable, Hashable, Codable {
  /// Pixels per row of the picture.
  public let width: Int
  /// Rows of the picture.
  public let height: Int
  /// The lengths of the runs; they add up to `width · height`.
  public let counts: [UInt32]

  /// Creates a mask from the pixels of a part of a picture.
  /// - Parameters:
  ///   - columns: the columns of the part, inside 0 ..< width.
  ///   - rows: the rows of the part, inside 0 ..< height.
  ///   - isInside: whether a pixel of the picture is covered; asked for the part only, column by
  ///     column.
  public init(
    width: Int,
    height: Int,
    columns: Range<Int>,
    rows: Range<Int>,
    isInside: (_ column: Int, _ row: Int) -> Bool
  ) {
    self.width = width
    self.height = height
    var counts: [UInt32] = []
    var (state, start) = (false, 0)
    func change(at position: Int) {
      counts.append(UInt32(position - start))
      (state, start) = (!state, position)
    }
    for column in columns {
      // A run that reached the bottom goes on only where the part begins at the top.
      if state, rows.lowerBound > 0 { change(at: column * height) }
      for row in rows where isInside(column, row) != state {
        change(at: column * height + row)
      }
      // What lies below the part is outside.
      if state, rows.upperBound < height { change(at: column * height + rows.upperBound) }
    }
    if state, columns.upperBound < width { change(at: columns.upperBound * height) }
    counts.append(UInt32(width * height - start))
    self.counts = counts
  }

  /// The number of pixels inside.
  public var area: Int {
    stride(from: 1, to: counts.count, by: 2).reduce(0) { $0 + Int(counts[$1]) }
  }

  /// Calls `body` with each run of pixels inside one column: the column and its rows.
  public func forEachRun(_ body: (_ column: Int, _ rows: Range<Int>) -> Void) {
    guard height > 0 else { return }
    var position = 0
    for (index, count) in counts.enumerated() {
      let end = position + Int(count)
      if index % 2 == 1 {
        while position < end {
          let column = position / height
          let stop = min(end, (column + 1) * height)
          body(column, position - column * height..<stop - column * height)
          position = stop
        }
      }
      position = end
    }
  }
}
