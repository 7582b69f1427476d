import Images

/// The colour of every pixel: one colour, a gradient between two, or stripes of two.
struct Paint {
  enum Pattern {
    case plain
    /// From the first colour to the second and back, without a step.
    case gradient
    case stripes
    case checks
  }

  var pattern: Pattern
  var first: Color
  var second: Color
  /// Half periods per pixel along x and y, in 1/65536.
  var stepX: Int
  var stepY: Int
  /// Half periods at the origin, in 1/65536.
  var offset: Int

  /// One colour.
  init(_ color: Color) {
    pattern = .plain
    (first, second) = (color, color)
    (stepX, stepY, offset) = (0, 0, 0)
  }

  /// A pattern whose half period is `length` pixels, along `direction`.
  init(
    _ pattern: Pattern,
    _ first: Color,
    _ second: Color,
    length: Double,
    along direction: Direction,
    offset: Double
  ) {
    self.pattern = pattern
    self.first = first
    self.second = second
    stepX = Int((direction.x * 65536 / length).rounded())
    stepY = Int((direction.y * 65536 / length).rounded())
    self.offset = Int((offset * 65536).rounded())
  }

  /// The colour at a pixel.
  func color(x: Int, y: Int) -> Color {
    switch pattern {
    case .plain:
      return first
    case .gradient:
      let phase = (x * stepX + y * stepY + offset) & 0x1FFFF
      return first.mixed(with: second, (phase < 0x10000 ? phase : 0x1FFFF - phase) >> 8)
    case .stripes:
      return (x * stepX + y * stepY + offset) & 0x10000 == 0 ? first : second
    case .checks:
      let other = y * stepX - x * stepY + offset
      return ((x * stepX + y * stepY + offset) ^ other) & 0x10000 == 0 ? first : second
    }
  }
}

extension Color {
  /// This colour with `share`/255 of another.
  func mixed(with other: Color, _ share: Int) -> Color {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Int(a) * (255 - share) + Int(b) * share + 127) / 255)
    }
    return Color(
      red: mix(red, other.red),
      green: mix(green, other.green),
      blue: mix(blue, other.blue)
    )
  }

  /// The largest difference of a channel.
  func distance(to other: Color) -> Int {
    max(
      abs(Int(red) - Int(other.red)),
      abs(Int(green) - Int(other.green)),
      abs(Int(blue) - Int(other.blue))
    )
  }

  /// Any colour.
  static func random(_ random: inout SceneRandom) -> Color {
    let bits = random.next()
    return Color(
      red: UInt8(truncatingIfNeeded: bits),
      green: UInt8(truncatingIfNeeded: bits >> 8),
      blue: UInt8(truncatingIfNeeded: bits >> 16)
    )
  }
}
