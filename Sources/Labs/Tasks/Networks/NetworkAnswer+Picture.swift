import Images

extension NetworkAnswer {
  /// One row for each probe: how far each number of the result is from the right one, black where it is
  /// equal and white where it is far; red where only one of the two runs, blue where shapes differ.
  func picture(_ expected: NetworkAnswer, _ probes: [Probe]) -> Image? {
    let (columns, side) = (64, 4)
    guard !probes.isEmpty else { return nil }
    var pixels = [UInt8](repeating: 0, count: 3 * columns * side * probes.count * side)
    for row in probes.indices {
      let colors = Self.colors(runs[row], expected.runs[row], columns)
      for y in 0..<side - 1 {
        for x in 0..<columns * side {
          let color = colors[x / side]
          let start = 3 * ((row * side + y) * columns * side + x)
          (pixels[start], pixels[start + 1], pixels[start + 2]) = (color.0, color.1, color.2)
        }
      }
    }
    return try? Image(width: columns * side, height: probes.count * side, pixels: pixels)
  }

  private static func colors(_ own: Run?, _ right: Run?, _ columns: Int) -> [(UInt8, UInt8, UInt8)]
  {
    let same = own == nil && right == nil
    guard let own, let right else {
      return .init(repeating: same ? (40, 40, 40) : (200, 30, 30), count: columns)
    }
    guard own.shape == right.shape, !own.numbers.isEmpty else {
      return .init(repeating: (40, 80, 220), count: columns)
    }
    let largest = right.numbers.reduce(Float(1e-9)) { max($0, abs($1)) }
    let count = own.numbers.count
    return (0..<columns).map { column in
      let range = column * count / columns..<max((column + 1) * count / columns, 0)
      let error = range.reduce(Float(0)) { max($0, abs(own.numbers[$1] - right.numbers[$1])) }
      let share = error.isFinite ? min(1, (error / largest).squareRoot()) : 1
      let level = UInt8(255 * share)
      return (level, level, UInt8(min(255, Int(level) + 30)))
    }
  }
}
