/// Precision that never rises with recall, from (0, 1) to (1, 0).
/// Source: YOLOv5 `metrics.compute_ap`.
struct PrecisionCurve {
  private static let axis = YOLORules.axis(101)
  private var recalls: [Double]
  private var precisions: [Double]

  init(recalls: [Double], precisions: [Double]) {
    self.recalls = [0] + recalls + [1]
    self.precisions = [1] + precisions + [0]
    for place in self.precisions.indices.dropFirst().reversed()
    where self.precisions[place] > self.precisions[place - 1] {
      self.precisions[place - 1] = self.precisions[place]
    }
  }

  /// The precision at a recall, by straight lines between the points.
  func value(_ recall: Double) -> Double {
    interpolate(at: recall, recalls, precisions, before: 1)
  }

  /// The area below the curve by the trapezoid rule over 101 recalls.
  var area: Double {
    let axis = Self.axis
    let values = axis.map(value)
    var sum = 0.0
    for place in axis.indices.dropFirst() {
      sum += (axis[place] - axis[place - 1]) * (values[place] + values[place - 1]) / 2
    }
    return sum
  }
}

/// The value at `x` on the straight lines through points of rising `xs`, the last of equal ones
/// where `x` is exactly there; `before` left of the first, the last value right of the last.
/// Source: NumPy `interp`.
func interpolate(at x: Double, _ xs: [Double], _ ys: [Double], before: Double) -> Double {
  guard let first = xs.first, let last = ys.last, x >= first else { return before }
  var (low, high) = (0, xs.count)
  while high - low > 1 {
    let middle = (low + high) / 2
    if xs[middle] <= x { low = middle } else { high = middle }
  }
  if low == xs.count - 1 { return last }
  if xs[low] == x { return ys[low] }
  return (ys[low + 1] - ys[low]) / (xs[low + 1] - xs[low]) * (x - xs[low]) + ys[low]
}
