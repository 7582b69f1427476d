import Images

/// A picture being drawn, and which object each pixel shows.
struct Canvas {
  let width: Int
  let height: Int
  var image: Image
  /// One more than the index of the object whose mask is uppermost; 0 is background.
  private(set) var owners: [UInt16]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    image = Image(width: width, height: height)
    owners = [UInt16](repeating: 0, count: width * height)
  }

  /// Paints the whole picture.
  mutating func fill(_ paint: Paint) {
    for y in 0..<height {
      for x in 0..<width { set(paint.color(x: x, y: y), at: y * width + x) }
    }
  }

  /// Paints what is covered, mixing in proportion at the edges.
  mutating func fill(_ coverage: Coverage, _ paint: Paint) {
    let (rows, columns) = coverage.visible(width: width, height: height)
    for row in rows {
      for column in columns {
        let share = Int(coverage.values[row * coverage.width + column])
        guard share > 0 else { continue }
        let (x, y) = (coverage.x + column, coverage.y + row)
        let pixel = y * width + x
        let new = paint.color(x: x, y: y)
        set(share == 255 ? new : color(at: pixel).mixed(with: new, share), at: pixel)
      }
    }
  }

  /// Marks the mask's pixels as showing object `index`.
  mutating func own(_ coverage: Coverage, index: Int) {
    let mark = UInt16(index + 1)
    for pixel in pixels(of: coverage) { owners[pixel] = mark }
  }

  /// How many of the mask's pixels each of the `count` objects shows now, and (last) how many
  /// pixels the mask has in the picture.
  func owned(under coverage: Coverage, count: Int) -> [Int] {
    var totals = [Int](repeating: 0, count: count + 2)
    for pixel in pixels(of: coverage) {
      totals[Int(owners[pixel])] += 1
      totals[count + 1] += 1
    }
    return Array(totals[1...])
  }

  /// The mean colour of the mask's pixels.
  func mean(under coverage: Coverage) -> Color {
    var sums = (red: 0, green: 0, blue: 0, count: 0)
    for pixel in pixels(of: coverage) {
      let color = color(at: pixel)
      sums.red += Int(color.red)
      sums.green += Int(color.green)
      sums.blue += Int(color.blue)
      sums.count += 1
    }
    let count = max(1, sums.count)
    return Color(
      red: UInt8(sums.red / count),
      green: UInt8(sums.green / count),
      blue: UInt8(sums.blue / count)
    )
  }

  /// The mask's pixels that lie in the picture.
  private func pixels(of coverage: Coverage) -> [Int] {
    let (rows, columns) = coverage.visible(width: width, height: height)
    var result: [Int] = []
    result.reserveCapacity(rows.count * columns.count)
    for row in rows {
      for column in columns
      where coverage.values[row * coverage.width + column] >= Coverage.half {
        result.append((coverage.y + row) * width + coverage.x + column)
      }
    }
    return result
  }

  private func color(at pixel: Int) -> Color {
    Color(
      red: image.pixels[3 * pixel],
      green: image.pixels[3 * pixel + 1],
      blue: image.pixels[3 * pixel + 2]
    )
  }

  private mutating func set(_ color: Color, at pixel: Int) {
    image.pixels[3 * pixel] = color.red
    image.pixels[3 * pixel + 1] = color.green
    image.pixels[3 * pixel + 2] = color.blue
  }
}
