import Glibc
import Testing

@testable import Scenes

struct CoverageTests {
  /// Areas within the unit circle, by geometry.
  private static let areas: [(ShapeClass, Double)] = [
    (.circle, .pi),
    (.ring, .pi * (1 - 0.45 * 0.45)),
    (.square, 2),
    (.triangle, 3 * 3.0.squareRoot() / 4),
    (.star, 5 * 0.38 * sin(.pi / 5)),
    (.cross, 4 * (2 * 0.95 * 0.2 - 0.2 * 0.2)),
    (.arrow, 2 * 0.16 * 1.05 + 0.9 * 0.75),
    (.crescent, .pi - lens(distance: 0.45, radius: 0.85)),
  ]

  @Test("covered areas are those of the geometry, wherever the shape lies", arguments: areas)
  func covered(shape: ShapeClass, unit: Double) {
    let outline = shape.outline(variation: 0)
    for (x, turns) in [(0.0, 0.0), (100.3, 0.13), (-7.77, 0.7)] {
      let placed = outline.placed(
        at: Outline.Point(x: x, y: 3.1),
        scale: 60,
        turned: Direction(turns: turns)
      )
      let coverage = Coverage(filling: placed)
      let sum = coverage.values.reduce(0) { $0 + Double($1) } / 255
      let expected = unit * 3600
      #expect(abs(sum - expected) < 0.004 * expected, "\(shape) covers \(sum), not \(expected)")
      #expect(abs(Double(coverage.area) - expected) < 0.02 * expected)
    }
  }

  @Test("edges on pixel borders are sharp, half pixels are half covered")
  func alignment() {
    let points = [(1.0, 2.0), (4.5, 2.0), (4.5, 4.0), (1.0, 4.0)]
    let outline = Outline(contours: [points.map { Outline.Point(x: $0.0, y: $0.1) }])
    let coverage = Coverage(filling: outline)
    #expect(coverage.x == 1 && coverage.y == 2)
    #expect(Array(coverage.values[0..<coverage.width]) == [255, 255, 255, 128])
    #expect(Array(coverage.values.suffix(coverage.width)) == [0, 0, 0, 0])
  }

  @Test("directions are cosines and sines")
  func directions() {
    for step in -40...80 {
      let turns = Double(step) / 37
      let direction = Direction(turns: turns)
      #expect(abs(direction.x - cos(2 * .pi * turns)) < 1e-12)
      #expect(abs(direction.y - sin(2 * .pi * turns)) < 1e-12)
    }
  }

  @Test("random numbers are those of SplitMix64 and keep to their ranges")
  func random() {
    var random = SceneRandom(seed: 1, index: 0)
    let draws = (0..<2000).map { _ in random.integer(in: -3...4) }
    #expect(Set(draws) == Set(-3...4))
    #expect((0..<1000).allSatisfy { _ in (0..<1).contains(random.fraction()) })
  }

  /// What the unit circle and a smaller one share. Source: the circle-circle intersection formula.
  private static func lens(distance d: Double, radius r: Double) -> Double {
    let a = r * r * acos((d * d + r * r - 1) / (2 * d * r))
    let b = acos((d * d + 1 - r * r) / (2 * d))
    let square = (-d + r + 1) * (d + r - 1) * (d - r + 1) * (d + r + 1)
    return a + b - square.squareRoot() / 2
  }
}
