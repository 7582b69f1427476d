extension ShapeClass {
  /// The class's outline about the origin, within a circle of radius 1.
  ///
  /// - Parameter variation: 0 to 1, moves the proportions within what the class allows.
  func outline(variation: Double) -> Outline {
    switch self {
    case .circle: Outline(contours: [Outline.ring(corners: 96, radii: 1)])
    case .ring: Self.ringOutline(hole: 0.45 + 0.2 * variation)
    case .crescent: Self.crescentOutline(offset: 0.45 + 0.2 * variation)
    case .triangle: Outline(contours: [Outline.ring(corners: 3, radii: 1)])
    case .square: Outline(contours: [Outline.ring(corners: 4, radii: 1)])
    case .star: Outline(contours: [Outline.ring(corners: 10, radii: 1, 0.38 + 0.1 * variation)])
    case .cross: Self.crossOutline(halfWidth: 0.2 + 0.1 * variation)
    case .arrow: Self.arrowOutline(halfWidth: 0.16 + 0.1 * variation)
    }
  }

  private static func ringOutline(hole: Double) -> Outline {
    Outline(
      contours: [Outline.ring(corners: 96, radii: 1), Outline.ring(corners: 96, radii: hole)]
    )
  }

  /// The unit circle's arc outside a second circle of radius 0.85 at `offset`, then back along
  /// that one's arc.
  private static func crescentOutline(offset: Double) -> Outline {
    let radius = 0.85
    let outer = Outline.ring(corners: 96, radii: 1).filter { point in
      let x = point.x - offset
      return x * x + point.y * point.y >= radius * radius
    }
    let inner = Outline.ring(corners: 96, radii: radius, phase: 0.5 / 96)
      .map { Outline.Point(x: $0.x + offset, y: $0.y) }
      .filter { $0.x * $0.x + $0.y * $0.y <= 1 }
    // Both begin at angle 0 of their circles. The outer arc runs from its upper horn over the far
    // side to the lower one and is whole; the inner arc is whole as well, for it lies round 180°.
    return Outline(contours: [outer + inner.reversed()])
  }

  private static func crossOutline(halfWidth w: Double) -> Outline {
    let l = 0.95
    let corners: [(Double, Double)] = [
      (w, -l), (w, -w), (l, -w), (l, w), (w, w), (w, l),
      (-w, l), (-w, w), (-l, w), (-l, -w), (-w, -w), (-w, -l),
    ]
    return Outline(contours: [corners.map { Outline.Point(x: $0.0, y: $0.1) }])
  }

  private static func arrowOutline(halfWidth w: Double) -> Outline {
    let corners: [(Double, Double)] = [
      (1, 0), (0.1, 0.75), (0.1, w), (-0.95, w), (-0.95, -w), (0.1, -w), (0.1, -0.75),
    ]
    return Outline(contours: [corners.map { Outline.Point(x: $0.0, y: $0.1) }])
  }
}
