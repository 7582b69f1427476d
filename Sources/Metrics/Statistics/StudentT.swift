import Glibc

/// Student's distribution for whole degrees of freedom.
enum StudentT {
  /// P(|T| ≤ t).
  /// Source: Abramowitz and Stegun, "Handbook of mathematical functions", 26.7.3 and 26.7.4.
  static func central(_ t: Double, degreesOfFreedom: Int) -> Double {
    let angle = atan(t / Double(degreesOfFreedom).squareRoot())
    let (sine, cosine) = (sin(angle), cos(angle))
    let isOdd = degreesOfFreedom % 2 == 1
    guard degreesOfFreedom > 1 else { return 2 * angle / .pi }
    var term = isOdd ? cosine : 1
    var sum = term
    var index = isOdd ? 3 : 2
    while index < degreesOfFreedom {
      term *= cosine * cosine * Double(index - 1) / Double(index)
      sum += term
      index += 2
    }
    return isOdd ? 2 / .pi * (angle + sine * sum) : sine * sum
  }

  /// The value that is not exceeded with a probability between 0.5 and 1.
  static func quantile(_ probability: Double, degreesOfFreedom: Int) -> Double {
    let wanted = 2 * probability - 1
    var (low, high) = (0.0, 1000.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if central(middle, degreesOfFreedom: degreesOfFreedom) < wanted {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }
}
