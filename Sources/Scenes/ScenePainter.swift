import Images

/// Draws the background, then object after object wherever one fits.
struct ScenePainter {
  let options: SceneOptions
  var canvas: Canvas
  private var shapes: [ShapeClass] = []
  /// Each object's pixels, those outside the picture and those hidden included.
  private var areas: [Int] = []
  /// Each object's visible pixels so far.
  private var visible: [Int] = []

  init(_ options: SceneOptions) {
    self.options = options
    canvas = Canvas(width: options.width, height: options.height)
  }

  mutating func paint(_ random: inout SceneRandom) {
    canvas.drawBackground(options, &random)
    for _ in 0..<random.integer(in: options.objects) {
      for _ in 0..<8 where addObject(&random) { break }
    }
    canvas.finish(options, &random)
  }

  /// Tries one place, class and size.
  private mutating func addObject(_ random: inout SceneRandom) -> Bool {
    let shape = ShapeClass.allCases[random.integer(in: 0...ShapeClass.allCases.count - 1)]
    let side = Double(min(options.width, options.height))
    let radius = random.number(in: options.scale) * side / 2
    let center = Outline.Point(
      x: random.fraction() * Double(options.width),
      y: random.fraction() * Double(options.height)
    )
    let form = shape.outline(variation: random.fraction())
    let direction = random.direction()
    let coverage = Coverage(
      filling: form.placed(at: center, scale: radius, turned: direction)
    )
    guard claim(coverage, for: shape) else { return false }
    let inner = form.placed(
      at: center,
      scale: radius * random.number(in: 0.6...0.85),
      turned: direction
    )
    dress(coverage, shape, inner: inner, radius: radius, &random)
    return true
  }

  /// Takes the mask's pixels unless too little of this or of another object would be seen.
  private mutating func claim(_ coverage: Coverage, for shape: ShapeClass) -> Bool {
    let area = coverage.area
    let hidden = canvas.owned(under: coverage, count: shapes.count)
    let shown = hidden[shapes.count]
    guard area >= 9, isEnough(shown, of: area) else { return false }
    for index in shapes.indices where hidden[index] > 0 {
      guard isEnough(visible[index] - hidden[index], of: areas[index]) else { return false }
    }
    for index in shapes.indices { visible[index] -= hidden[index] }
    canvas.own(coverage, index: shapes.count)
    shapes.append(shape)
    areas.append(area)
    visible.append(shown)
    return true
  }

  private func isEnough(_ shown: Int, of area: Int) -> Bool {
    shown >= 9 && Double(shown) >= options.minimumVisibleShare * Double(area)
  }

  /// Paints an object in colours that stand out from what is under it.
  private mutating func dress(
    _ coverage: Coverage,
    _ shape: ShapeClass,
    inner: Outline,
    radius: Double,
    _ random: inout SceneRandom
  ) {
    let below = canvas.mean(under: coverage)
    let main = contrasting(with: below, &random)
    let other = contrasting(with: main, &random)
    let style = radius < 8 ? 0 : random.integer(in: 0...9)
    switch style {
    case 0...3:
      canvas.fill(coverage, Paint(main))
    case 4...6 where shape != .circle:  // A disc with a border could be taken for a ring.
      canvas.fill(coverage, Paint(main))
      canvas.fill(Coverage(filling: inner).within(coverage), Paint(other))
    default:
      let near = style == 9 ? other : main.mixed(with: other, 120)
      let paint = Paint(
        style == 9 ? .stripes : .gradient,
        main,
        style == 9 ? main.mixed(with: near, 110) : near,
        length: style == 9 ? max(3, radius / 4) : radius * 2,
        along: random.direction(),
        offset: random.fraction() * 2
      )
      canvas.fill(coverage, paint)
    }
  }

  private func contrasting(with color: Color, _ random: inout SceneRandom) -> Color {
    var best = Color.random(&random)
    for _ in 0..<8 where best.distance(to: color) < 80 { best = Color.random(&random) }
    return best
  }

  /// The truth, read from the finished mask.
  func measure() -> [SceneObject] {
    var bounds = shapes.map { _ in
      (left: Int.max, top: Int.max, right: Int.min, bottom: Int.min, area: 0)
    }
    for y in 0..<canvas.height {
      for x in 0..<canvas.width {
        let owner = Int(canvas.owners[y * canvas.width + x]) - 1
        guard owner >= 0 else { continue }
        bounds[owner].left = min(bounds[owner].left, x)
        bounds[owner].right = max(bounds[owner].right, x)
        bounds[owner].top = min(bounds[owner].top, y)
        bounds[owner].bottom = max(bounds[owner].bottom, y)
        bounds[owner].area += 1
      }
    }
    return shapes.indices.map { index in
      let box = bounds[index]
      return SceneObject(
        shape: shapes[index],
        x: box.left,
        y: box.top,
        width: box.right - box.left + 1,
        height: box.bottom - box.top + 1,
        area: box.area,
        visibleShare: Double(box.area) / Double(areas[index])
      )
    }
  }
}

extension Coverage {
  /// This coverage, nowhere more than another.
  fileprivate func within(_ other: Coverage) -> Coverage {
    var result = self
    for row in 0..<height {
      for column in 0..<width {
        let (otherRow, otherColumn) = (row + y - other.y, column + x - other.x)
        let isInside =
          (0..<other.height).contains(otherRow) && (0..<other.width).contains(otherColumn)
        let limit = isInside ? other.values[otherRow * other.width + otherColumn] : 0
        result.values[row * width + column] = min(values[row * width + column], limit)
      }
    }
    return result
  }
}
