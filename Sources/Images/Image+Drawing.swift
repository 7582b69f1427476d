extension Image {
  /// Fills a rectangle, cut at the picture's edges.
  public mutating func fill(x: Int, y: Int, width: Int, height: Int, with color: Color) {
    let columns = max(0, x)..<max(max(0, x), min(self.width, x + width))
    let rows = max(0, y)..<max(max(0, y), min(self.height, y + height))
    let imageWidth = self.width
    pixels.withUnsafeMutableBufferPointer { pixels in
      for row in rows {
        for column in columns {
          let index = 3 * (row * imageWidth + column)
          pixels[index] = color.red
          pixels[index + 1] = color.green
          pixels[index + 2] = color.blue
        }
      }
    }
  }

  /// Draws the outline of a rectangle, inside it, cut at the picture's edges.
  public mutating func outline(
    x: Int,
    y: Int,
    width: Int,
    height: Int,
    thickness: Int,
    with color: Color
  ) {
    fill(x: x, y: y, width: width, height: thickness, with: color)
    fill(x: x, y: y + height - thickness, width: width, height: thickness, with: color)
    fill(x: x, y: y, width: thickness, height: height, with: color)
    fill(x: x + width - thickness, y: y, width: thickness, height: height, with: color)
  }

  /// Draws a line of text whose upper left corner is given; characters beyond ASCII become `?`.
  public mutating func draw(_ text: String, x: Int, y: Int, scale: Int = 1, with color: Color) {
    for (place, character) in text.prefix(512).enumerated() {
      let left = x + place * Glyphs.advance * scale
      guard left < width else { return }
      for (row, bits) in Glyphs.rows(of: character).enumerated() {
        for column in 0..<Glyphs.width where bits >> (4 - column) & 1 == 1 {
          let (pixelX, pixelY) = (left + column * scale, y + row * scale)
          fill(x: pixelX, y: pixelY, width: scale, height: scale, with: color)
        }
      }
    }
  }

  /// Draws a box with a label on a filled ground above it (or inside, at the picture's edge).
  /// The lines and letters grow with the picture.
  public mutating func drawBox(
    x1: Float,
    y1: Float,
    x2: Float,
    y2: Float,
    label: String,
    color: Color
  ) {
    let corners = [x1, y1, x2, y2].map { value in
      value.isFinite ? Int(min(max(value, -1e6), 1e6).rounded()) : 0
    }
    let (left, top) = (corners[0], corners[1])
    let thickness = max(1, (width + height + 400) / 800)
    let scale = max(1, (width + height) / 900)
    outline(
      x: left,
      y: top,
      width: corners[2] - left,
      height: corners[3] - top,
      thickness: thickness,
      with: color
    )
    guard !label.isEmpty else { return }
    let groundHeight = Glyphs.lineHeight * scale
    let groundWidth = (label.prefix(512).count * Glyphs.advance + 3) * scale
    let groundTop = top >= groundHeight ? top - groundHeight : max(0, top)
    let groundLeft = max(0, min(left, width - groundWidth))
    fill(x: groundLeft, y: groundTop, width: groundWidth, height: groundHeight, with: color)
    let (textX, textY) = (groundLeft + 2 * scale, groundTop + 2 * scale)
    draw(label, x: textX, y: textY, scale: scale, with: color.contrast)
  }
}

extension Color {
  /// A colour for a class: hues a golden angle apart, so that neighbours differ.
  public static func ofClass(_ index: Int) -> Color {
    let hue = Double(((index % 997) + 997) % 997) * 0.618_033_988_75
    let sector = (hue - hue.rounded(.down)) * 6
    let rising = UInt8(60 + 180 * (sector - sector.rounded(.down)))
    let falling = UInt8(240 - 180 * (sector - sector.rounded(.down)))
    switch Int(sector) {
    case 0: return Color(red: 240, green: rising, blue: 60)
    case 1: return Color(red: falling, green: 240, blue: 60)
    case 2: return Color(red: 60, green: 240, blue: rising)
    case 3: return Color(red: 60, green: falling, blue: 240)
    case 4: return Color(red: rising, green: 60, blue: 240)
    default: return Color(red: 240, green: 60, blue: falling)
    }
  }

  /// Black on light colours, white on dark ones. Source: ITU-R BT.601 luma.
  public var contrast: Color {
    299 * Int(red) + 587 * Int(green) + 114 * Int(blue) > 140_000 ? .black : .white
  }
}
