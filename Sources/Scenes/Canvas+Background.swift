import Images

extension Canvas {
  /// A gradient, stripes or checks, roughened, with lines and shapeless blobs on it.
  mutating func drawBackground(_ options: SceneOptions, _ random: inout SceneRandom) {
    let side = Double(min(width, height))
    let first = Color.random(&random)
    let second = first.mixed(with: .random(&random), random.integer(in: 40...200))
    let patterns: [Paint.Pattern] = [.plain, .gradient, .gradient, .gradient, .stripes, .checks]
    let pattern = patterns[random.integer(in: 0...patterns.count - 1)]
    let length =
      pattern == .gradient
      ? side * random.number(in: 0.5...2) : side * random.number(in: 0.02...0.3)
    fill(
      Paint(
        pattern,
        first,
        second,
        length: max(2, length),
        along: random.direction(),
        offset: random.fraction() * 2
      )
    )
    if random.happens(percent: 70) {
      roughen(cell: 4 << random.integer(in: 0...4), by: random.integer(in: 5...50), &random)
    }
    for _ in 0..<random.integer(in: 0...options.maximumClutter) { drawClutter(side, &random) }
  }

  /// One line, or one blob that is of no class: long, or dented.
  private mutating func drawClutter(_ side: Double, _ random: inout SceneRandom) {
    let center = Outline.Point(
      x: random.fraction() * Double(width),
      y: random.fraction() * Double(height)
    )
    let isLine = random.happens(percent: 50)
    let shape = isLine ? Outline.bar(&random) : Outline.blob(&random)
    let scale = side * random.number(in: isLine ? 0.05...0.6 : 0.02...0.16)
    let outline = shape.placed(at: center, scale: scale, turned: random.direction())
    fill(Coverage(filling: outline), Paint(.random(&random)))
  }

  /// Adds smooth random brightness: values on a grid of `cell` pixels, interpolated between.
  private mutating func roughen(cell: Int, by amplitude: Int, _ random: inout SceneRandom) {
    let columns = width / cell + 2
    let grid = (0..<columns * (height / cell + 2)).map { _ in
      random.integer(in: -amplitude...amplitude)
    }
    for y in 0..<height {
      let (row, fy) = (y / cell, y % cell)
      for x in 0..<width {
        let corner = row * columns + x / cell
        let fx = x % cell
        let top = grid[corner] * (cell - fx) + grid[corner + 1] * fx
        let bottom = grid[corner + columns] * (cell - fx) + grid[corner + columns + 1] * fx
        let change = (top * (cell - fy) + bottom * fy) / (cell * cell)
        for channel in 3 * (y * width + x)..<3 * (y * width + x) + 3 {
          image.pixels[channel] = UInt8(clamping: Int(image.pixels[channel]) + change)
        }
      }
    }
  }
}

extension Outline {
  /// A bar at least six times as long as wide.
  fileprivate static func bar(_ random: inout SceneRandom) -> Outline {
    let half = random.number(in: 0.01...0.16)
    return Outline(
      contours: [
        [
          Point(x: -1, y: -half), Point(x: 1, y: -half), Point(x: 1, y: half),
          Point(x: -1, y: half),
        ]
      ]
    )
  }

  /// A flattened, dented disc.
  fileprivate static func blob(_ random: inout SceneRandom) -> Outline {
    let flatness = random.number(in: 0.3...0.65)
    let dents = (0..<3).map { _ in (random.number(in: 0.05...0.2), random.fraction()) }
    let points = (0..<40).map { index -> Point in
      let turns = Double(index) / 40
      let radius = dents.enumerated().reduce(0.8) { radius, dent in
        let wave = Direction(turns: turns * Double(dent.offset + 2) + dent.element.1)
        return radius + dent.element.0 * wave.x
      }
      let direction = Direction(turns: turns)
      return Point(x: direction.x * radius, y: direction.y * radius * flatness)
    }
    return Outline(contours: [points])
  }
}
