/// A unit vector: cosine and sine of an angle.
///
/// Computed with additions and multiplications only, which IEEE 754 defines to the last bit; the
/// C library's `sin` and `cos` differ between machines.
struct Direction {
  /// The cosine.
  let x: Double
  /// The sine.
  let y: Double

  /// - Parameter turns: the angle in whole turns, 0.25 being a right angle.
  init(turns: Double) {
    let quarter = (turns * 4).rounded(.toNearestOrAwayFromZero)
    let angle = (turns - quarter / 4) * 6.283185307179586
    let (cosine, sine) = Self.series(angle)
    switch Int(quarter) & 3 {
    case 0: (x, y) = (cosine, sine)
    case 1: (x, y) = (-sine, cosine)
    case 2: (x, y) = (-cosine, -sine)
    default: (x, y) = (sine, -cosine)
    }
  }

  /// Taylor polynomials, exact to 1e-13 within an eighth of a turn.
  private static func series(_ angle: Double) -> (cosine: Double, sine: Double) {
    let square = angle * angle
    var cosine = 1.0
    var sine = angle
    var term = 1.0
    for step in stride(from: 2.0, through: 14, by: 2) {
      term *= -square / (step * (step - 1))
      cosine += term
      sine += term * angle / (step + 1)
    }
    return (cosine, sine)
  }
}
