/// Closed polygons that bound an area by the even-odd rule.
struct Outline {
  /// One corner, in whatever unit the outline is in.
  struct Point {
    var x: Double
    var y: Double
  }

  /// The polygons; the last corner of each is joined to its first.
  var contours: [[Point]]

  /// One regular arrangement of corners round the origin; the radii are used in turn.
  static func ring(corners: Int, radii: Double..., phase: Double = 0) -> [Point] {
    (0..<corners).map { corner in
      let direction = Direction(turns: phase + Double(corner) / Double(corners))
      let radius = radii[corner % radii.count]
      return Point(x: direction.x * radius, y: direction.y * radius)
    }
  }

  /// The outline turned, scaled and then moved.
  func placed(at center: Point, scale: Double, turned direction: Direction) -> Outline {
    Outline(
      contours: contours.map { contour in
        contour.map { point in
          Point(
            x: center.x + scale * (point.x * direction.x - point.y * direction.y),
            y: center.y + scale * (point.x * direction.y + point.y * direction.x)
          )
        }
      }
    )
  }
}
