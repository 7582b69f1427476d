extension RunLengthMask {
  /// Fills a polygon x1, y1, x2, y2 …, closed by itself, in source pixels.
  ///
  /// The outline is drawn five times finer than the pixels, and where it crosses the middle of a
  /// column of pixels, inside begins or ends. Source: pycocotools `mask.frPyObjects`.
  /// - Returns: nil for an outline too long to draw.
  init?(polygon: [Double], width: Int, height: Int) {
    var outline = Outline(polygon)
    guard outline.draw() else { return nil }
    var crossings = outline.crossings(width: width, height: height)
    crossings.append(width * height)
    crossings.sort()
    var runs = RunBuilder()
    var place = 0
    for (index, crossing) in crossings.enumerated() {
      runs.append(crossing - place, isInside: index % 2 == 1)
      place = crossing
    }
    self.init(width: width, height: height, counts: runs.counts)
  }

  /// A polygon on a grid five times finer than the pixels.
  private struct Outline {
    private static let scale = 5.0
    private static let pointLimit = 1 << 24
    private let corners: [(x: Int, y: Int)]
    private var points: [(x: Int, y: Int)] = []

    init(_ polygon: [Double]) {
      func fine(_ value: Double) -> Int {
        // As far out as any picture can reach; more would only take time.
        Int(max(-1e6, min(Self.scale * value + 0.5, 1e6)))
      }
      var corners: [(x: Int, y: Int)] = []
      for index in stride(from: 0, to: polygon.count - 1, by: 2) {
        corners.append((fine(polygon[index]), fine(polygon[index + 1])))
      }
      if let first = corners.first { corners.append(first) }
      self.corners = corners
    }

    /// Visits every point of each edge, in the polygon's direction; false for too many points.
    mutating func draw() -> Bool {
      let lengths = zip(corners, corners.dropFirst())
        .map { max(abs($1.x - $0.x), abs($1.y - $0.y)) + 1 }
      let total = lengths.reduce(0, +)
      guard total <= Self.pointLimit else { return false }
      points.reserveCapacity(total)
      for index in corners.indices.dropLast() {
        var (start, end) = (corners[index], corners[index + 1])
        let (across, down) = (abs(end.x - start.x), abs(end.y - start.y))
        let isFlipped = across >= down ? start.x > end.x : start.y > end.y
        if isFlipped { swap(&start, &end) }
        let length = max(across, down)
        let slope =
          across >= down
          ? Double(end.y - start.y) / Double(across) : Double(end.x - start.x) / Double(down)
        for step in 0...length {
          let t = isFlipped ? length - step : step
          let rise = slope * Double(t)
          let other = rise.isFinite ? rise : 0
          if across >= down {
            points.append((t + start.x, Int(Double(start.y) + other + 0.5)))
          } else {
            points.append((Int(Double(start.x) + other + 0.5), t + start.y))
          }
        }
      }
      return true
    }

    /// The places, counted column by column, where inside begins or ends.
    func crossings(width: Int, height: Int) -> [Int] {
      var places: [Int] = []
      for index in points.indices.dropFirst() {
        let (before, point) = (points[index - 1], points[index])
        guard point.x != before.x else { continue }
        let column = Double(point.x < before.x ? point.x : point.x - 1)
        let x = (column + 0.5) / Self.scale - 0.5
        guard x.rounded(.down) == x, x >= 0, x <= Double(width - 1) else { continue }
        let y = (Double(min(point.y, before.y)) + 0.5) / Self.scale - 0.5
        let row = max(0, min(y, Double(height))).rounded(.up)
        places.append(Int(x) * height + Int(row))
      }
      return places
    }
  }
}
