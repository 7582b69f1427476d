extension Coverage {
  /// Fills an outline, even-odd: eight lines per pixel row, each measured exactly along the row.
  ///
  /// All arithmetic is on integers in 1/256 pixel, so that every machine gets the same picture.
  init(filling outline: Outline) {
    let edges = Edge.all(of: outline)
    let left = (edges.lazy.map { min($0.x0, $0.x1) }.min() ?? 0) >> 8
    let right = ((edges.lazy.map { max($0.x0, $0.x1) }.max() ?? 0) >> 8) + 1
    let top = (edges.lazy.map(\.y0).min() ?? 0) >> 8
    let bottom = ((edges.lazy.map(\.y1).max() ?? 0) >> 8) + 1
    x = left
    y = top
    width = right - left
    height = bottom - top
    values = [UInt8](repeating: 0, count: width * height)
    var row = Row(width: width)
    for line in 0..<height {
      row.clear()
      for part in 0..<8 {
        row.add(edges, at: (top + line) * 256 + part * 32 + 16, left: left * 256)
      }
      row.store(into: &values, from: line * width)
    }
  }

  /// A slanting side, its upper end first, in 1/256 pixel.
  private struct Edge {
    let x0: Int
    let y0: Int
    let x1: Int
    let y1: Int

    static func all(of outline: Outline) -> [Edge] {
      outline.contours.flatMap { contour in
        let fixed = contour.map { point in
          (Int((point.x * 256).rounded()), Int((point.y * 256).rounded()))
        }
        return fixed.indices.compactMap { index -> Edge? in
          let a = fixed[index]
          let b = fixed[(index + 1) % fixed.count]
          guard a.1 != b.1 else { return nil }
          return a.1 < b.1
            ? Edge(x0: a.0, y0: a.1, x1: b.0, y1: b.1)
            : Edge(x0: b.0, y0: b.1, x1: a.0, y1: a.1)
        }
      }
    }
  }

  /// The sums of one pixel row.
  private struct Row {
    /// Shares of the pixels where a span begins or ends.
    var ends: [Int]
    /// Changes of the number of whole spans from one pixel to the next.
    var steps: [Int]
    var crossings: [Int] = []

    init(width: Int) {
      ends = [Int](repeating: 0, count: width + 1)
      steps = [Int](repeating: 0, count: width + 2)
    }

    mutating func clear() {
      for index in ends.indices { ends[index] = 0 }
      for index in steps.indices { steps[index] = 0 }
    }

    mutating func add(_ edges: [Edge], at y: Int, left: Int) {
      crossings.removeAll(keepingCapacity: true)
      for edge in edges where edge.y0 <= y && y < edge.y1 {
        let x = edge.x0 + (edge.x1 - edge.x0) * (y - edge.y0) / (edge.y1 - edge.y0)
        crossings.append(x - left)
      }
      crossings.sort()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        span(from: crossings[pair], to: crossings[pair + 1])
      }
    }

    private mutating func span(from start: Int, to end: Int) {
      let first = start >> 8
      let last = end >> 8
      guard first < last else { return ends[first] += end - start }
      ends[first] += 256 - (start & 255)
      ends[last] += end & 255
      steps[first + 1] += 256
      steps[last] -= 256
    }

    func store(into values: inout [UInt8], from offset: Int) {
      var whole = 0
      for column in 0..<ends.count - 1 {
        whole += steps[column]
        values[offset + column] = UInt8(min(255, (whole + ends[column]) >> 3))
      }
    }
  }
}
