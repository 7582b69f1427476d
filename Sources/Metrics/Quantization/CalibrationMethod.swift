import Glibc
public import Passes

/// How a range is chosen from what was observed.
public enum CalibrationMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// Everything that was seen.
  case minmax
  /// All but one element in a hundred thousand at either end.
  case percentile
  /// Where the mean squared error of quantisation is least.
  case mse
  /// Where quantisation changes the distribution least (Kullback and Leibler's divergence).
  /// Source: Migacz, "8-bit inference with TensorRT", GTC 2017.
  case entropy
}

extension CalibrationHistogram {
  /// The range that a method chooses.
  public func range(_ method: CalibrationMethod, _ scheme: QuantizationScheme)
    -> QuantizationRange
  {
    let everything = QuantizationRange(lower: least, upper: greatest)
    guard total > 0, greatest > least else { return everything }
    switch method {
    case .minmax: return everything
    case .percentile: return percentile(1e-5)
    case .mse: return best { squaredError($0, scheme) }
    case .entropy: return best { divergence($0, scheme) }
    }
  }

  private func percentile(_ share: Double) -> QuantizationRange {
    let limit = Int(Double(total) * share)
    var (low, high) = (0, Self.binCount - 1)
    var rest = limit
    while low < high, counts[low] <= rest {
      rest -= counts[low]
      low += 1
    }
    rest = limit
    while high > low, counts[high] <= rest {
      rest -= counts[high]
      high -= 1
    }
    let width = (greatest - least) / Float(Self.binCount)
    return QuantizationRange(
      lower: least + Float(low) * width,
      upper: least + Float(high + 1) * width
    )
  }

  /// The range whose loss is least: first the upper end is moved inwards, then the lower one.
  private func best(_ loss: (QuantizationRange) -> Double) -> QuantizationRange {
    var chosen = QuantizationRange(lower: least, upper: greatest)
    var smallest = loss(chosen)
    for end in [\QuantizationRange.upper, \QuantizationRange.lower] {
      let whole = chosen[keyPath: end]
      for step in 1..<80 {
        var range = chosen
        range[keyPath: end] = whole * (1 - Float(step) * 0.0119)
        guard range.lower < range.upper else { break }
        let value = loss(range)
        if value < smallest { (chosen, smallest) = (range, value) }
      }
    }
    return chosen
  }

  private func squaredError(_ range: QuantizationRange, _ scheme: QuantizationScheme) -> Double {
    let (scale, zero) = scheme.parameters(range)
    let (lowest, highest): (Float, Float) = scheme == .symmetric ? (-127, 127) : (0, 255)
    var sum = 0.0
    for bin in counts.indices where counts[bin] > 0 {
      let x = centre(bin)
      let level = min(max((x / scale).rounded() + Float(zero), lowest), highest)
      let error = Double((level - Float(zero)) * scale - x)
      sum += Double(counts[bin]) * error * error
    }
    return sum
  }

  private func divergence(_ range: QuantizationRange, _ scheme: QuantizationScheme) -> Double {
    let (scale, zero) = scheme.parameters(range)
    let (lowest, highest) = scheme == .symmetric ? (-127, 127) : (0, 255)
    var levels: [Int: (count: Int, bins: Int)] = [:]
    let places = counts.indices.map { bin in
      let level = Int((centre(bin) / scale).rounded()) + zero
      return min(max(level, lowest), highest)
    }
    for bin in counts.indices where counts[bin] > 0 {
      let known = levels[places[bin]] ?? (0, 0)
      levels[places[bin]] = (known.count + counts[bin], known.bins + 1)
    }
    // What is clipped counts at the end of the range in the one, and not at all in the other.
    var sum = 0.0
    let all = Double(total)
    for bin in counts.indices where counts[bin] > 0 {
      guard let level = levels[places[bin]] else { continue }
      let isClipped = centre(bin) < range.lower || centre(bin) > range.upper
      let spread = isClipped ? 1e-9 : Double(level.count) / Double(level.bins) / all
      sum += Double(counts[bin]) / all * log(Double(counts[bin]) / all / spread)
    }
    return sum
  }
}
