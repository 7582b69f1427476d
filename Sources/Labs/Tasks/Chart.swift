import Images

/// A small picture of figures, for looking at one case. Colours are told apart by those who see few, and each
/// thing has its words beside it.
struct Chart {
  private(set) var image: Image
  private static let ink = Color(red: 30, green: 30, blue: 30)
  private static let colors = [
    Color(red: 0, green: 114, blue: 178), Color(red: 213, green: 94, blue: 0),
    Color(red: 0, green: 158, blue: 115), Color(red: 204, green: 121, blue: 167),
    Color(red: 150, green: 140, blue: 20), Color(red: 86, green: 180, blue: 233),
  ]
  private let margin = 12

  /// A white picture with an axis to the right and one upwards.
  init(width: Int, height: Int) {
    image = Image(
      width: width,
      height: height,
      filledWith: Color(red: 255, green: 255, blue: 255)
    )
    image.fill(x: margin, y: 0, width: 1, height: height - margin, with: Self.ink)
    image.fill(x: margin, y: height - margin, width: width - margin, height: 1, with: Self.ink)
  }

  /// A filled square at a place of 0 to 1 from the lower left corner, with a text beside it.
  mutating func dot(_ x: Double, _ y: Double, _ color: Int, _ text: String) {
    let (column, row) = place(x, y)
    image.fill(x: column - 2, y: row - 2, width: 5, height: 5, with: Self.color(color))
    image.draw(text, x: column + 6, y: row - 3, with: Self.ink)
  }

  /// A single dark pixel, such as one of a curve.
  mutating func point(_ x: Double, _ y: Double) {
    guard (0...1).contains(x), (0...1).contains(y) else { return }
    let (column, row) = place(x, y)
    image.fill(x: column, y: row, width: 1, height: 1, with: Self.ink)
  }

  /// A text above a place.
  mutating func label(_ text: String, _ x: Double, _ y: Double) {
    let (column, row) = place(x, y)
    image.draw(text, x: column, y: row - 10, with: Self.ink)
  }

  /// An open square.
  mutating func ring(_ x: Double, _ y: Double, _ color: Int) {
    let (column, row) = place(x, y)
    image.outline(
      x: column - 4,
      y: row - 4,
      width: 9,
      height: 9,
      thickness: 1,
      with: Self.color(color)
    )
  }

  /// A bar in a row from the top, from and to places of 0 to 1, with a text in front of it.
  mutating func bar(row: Int, from: Double, to: Double, _ color: Int, text: String = "") {
    let (first, last) = (place(from, 0).0, place(to, 0).0)
    let top = 2 + row * 10
    image.fill(x: first, y: top, width: max(1, last - first), height: 8, with: Self.color(color))
    if !text.isEmpty { image.draw(text, x: margin + 2, y: top + 1, with: Self.ink) }
  }

  /// A text in a row from the top, beginning at a place of 0 to 1.
  mutating func write(_ text: String, _ x: Double, row: Int) {
    image.draw(text, x: place(x, 0).0, y: 3 + row * 10, with: Self.ink)
  }

  /// An upright line through some rows.
  mutating func mark(_ x: Double, rows: Range<Int>, _ color: Int) {
    let top = 2 + rows.lowerBound * 10
    let height = rows.count * 10
    image.fill(x: place(x, 0).0, y: top, width: 2, height: height, with: Self.color(color))
  }

  private static func color(_ index: Int) -> Color { colors[index % colors.count] }

  private func place(_ x: Double, _ y: Double) -> (Int, Int) {
    let (width, height) = (image.width - margin - 1, image.height - margin - 1)
    func share(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0 }
    return (
      margin + Int(share(x) * Double(width)), height - Int(share(y) * Double(height))
    )
  }
}
