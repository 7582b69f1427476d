/// How much of each pixel an outline covers, 0 to 255, over the outline's bounds; the bounds may
/// reach beyond the picture.
struct Coverage {
  /// The bounds' left edge, in picture pixels.
  let x: Int
  /// The bounds' top edge, in picture pixels.
  let y: Int
  /// Pixels per row.
  let width: Int
  /// Rows.
  let height: Int
  /// `height · width` shares, row by row.
  var values: [UInt8]

  /// A pixel belongs to the mask from this share on.
  static let half: UInt8 = 128

  /// The pixels of the mask, those outside the picture included.
  var area: Int { values.reduce(into: 0) { $0 += $1 >= Self.half ? 1 : 0 } }

  /// The part of the bounds that lies in a picture of this size, relative to the bounds.
  func visible(width: Int, height: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let top = min(max(0, -y), self.height)
    let bottom = max(top, min(self.height, height - y))
    let left = min(max(0, -x), self.width)
    let right = max(left, min(self.width, width - x))
    return (top..<bottom, left..<right)
  }
}
