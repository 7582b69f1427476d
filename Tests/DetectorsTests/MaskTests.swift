import Testing

@testable import Detectors

@Suite struct MaskTests {
  /// Run lengths written down pixel by pixel.
  private static func naive(_ width: Int, _ height: Int, _ isInside: (Int, Int) -> Bool) -> [UInt32]
  {
    var counts: [UInt32] = [0]
    var state = false
    for column in 0..<width {
      for row in 0..<height {
        if isInside(column, row) != state {
          state.toggle()
          counts.append(0)
        }
        counts[counts.count - 1] += 1
      }
    }
    return counts
  }

  @Test(
    "run lengths of parts of every kind: inside, at each edge, whole, empty",
    arguments: [
      (1..<3, 1..<3), (0..<2, 0..<2), (3..<5, 2..<4), (0..<5, 0..<4), (0..<5, 1..<4),
      (2..<2, 0..<4), (0..<5, 3..<3), (4..<5, 3..<4), (0..<5, 0..<3),
    ]
  )
  func runs(columns: Range<Int>, rows: Range<Int>) {
    for pattern in 0..<64 {
      let isSet = { (column: Int, row: Int) in
        pattern == 63 || (pattern >> ((column * 7 + row * 3) % 6)) & 1 == 1
      }
      let mask = Mask(width: 5, height: 4, columns: columns, rows: rows, isInside: isSet)
      let expected = Self.naive(5, 4) {
        columns.contains($0) && rows.contains($1) && isSet($0, $1)
      }
      #expect(mask.counts == expected, "\(columns) \(rows) \(pattern)")
      #expect(mask.counts.reduce(0, +) == 20)
      var covered = 0
      mask.forEachRun { column, rows in
        #expect(columns.contains(column))
        covered += rows.count
      }
      #expect(covered == mask.area)
    }
  }
}
