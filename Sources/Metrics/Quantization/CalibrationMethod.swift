import Glibc
public import Passes

/// How a range is chosen from what was observed.
public enum CalibrationMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// Everything that was seen.
  case minmax
  /// All but one element in a hundred thousand at either end.
  case percentile
  /// Where the mean squared error of what is computed from the value is least: errors count as much
  /// as their channels do.
  case mse
  /// The same with the errors' power 2.4 in place of 2. Rounding errors are independent and average out
  /// in what follows; a clipped object is wrong in all its pixels alike, so larger errors have to
  /// count more than their squares. The power was chosen by what the whole network gives on the
  /// pictures that are calibrated with (Benchmarks/README.md).
  /// Source: Nahshan et al., "Loss aware post-training quantization", 2019 (arXiv 1911.07190), which chooses p by the loss.
  case lp
  /// Where quantisation changes the distribution least (Kullback and Leibler's divergence).
  /// Source: Migacz, "8-bit inference with TensorRT", GTC 2017.
  case entropy
}

extension CalibrationMethod {
  /// The power of the errors that `mse` and `lp` keep small.
  fileprivate var power: Double { self == .lp ? 2.4 : 2 }
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
    case .mse, .lp: return Self.best([self]) { $0.error($1, scheme, power: method.power) }
    case .entropy: return Self.best([self]) { $0.divergence($1, scheme) }
    }
  }

  /// The range that a method chooses for values that share one.
  public static func range(
    _ histograms: [CalibrationHistogram],
    _ method: CalibrationMethod,
    _ scheme: QuantizationScheme
  ) -> QuantizationRange? {
    guard method == .mse || method == .lp else {
      let ranges = histograms.map { $0.range(method, scheme) }
      return ranges.dropFirst().reduce(ranges.first) { $0?.union($1) }
    }
    let varied = histograms.filter { $0.total > 0 && $0.greatest > $0.least }
    guard !varied.isEmpty else {
      let ranges = histograms.map { $0.range(.minmax, scheme) }
      return ranges.dropFirst().reduce(ranges.first) { $0?.union($1) }
    }
    return best(varied) { $0.error($1, scheme, power: method.power) }
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

  /// The range whose loss over all histograms is least: first the upper end is moved inwards, then the
  /// lower one.
  private static func best(
    _ histograms: [CalibrationHistogram],
    _ loss: (CalibrationHistogram, QuantizationRange) -> Double
  ) -> QuantizationRange {
    func all(_ range: QuantizationRange) -> Double {
      histograms.reduce(0) { $0 + loss($1, range) }
    }
    var chosen = QuantizationRange(
      lower: histograms.map(\.least).min() ?? 0,
      upper: histograms.map(\.greatest).max() ?? 0
    )
    var smallest = all(chosen)
    for end in [\QuantizationRange.upper, \QuantizationRange.lower] {
      let whole = chosen[keyPath: end]
      for step in 1..<80 {
        var range = chosen
        range[keyPath: end] = whole * (1 - Float(step) * 0.0119)
        guard range.lower < range.upper else { break }
        let value = all(range)
        if value < smallest { (chosen, smallest) = (range, value) }
      }
    }
    return chosen
  }

  private func error(
    _ range: QuantizationRange,
    _ scheme: QuantizationScheme,
    power: Double
  ) -> Double {
    let (scale, zero) = scheme.parameters(range)
    let (lowest, highest): (Float, Float) = scheme == .symmetric ? (-127, 127) : (0, 255)
    var sum = 0.0
    for bin in importances.indices where importances[bin] > 0 {
      let x = centre(bin)
      let level = min(max((x / scale).rounded() + Float(zero), lowest), highest)
      let error = Double((level - Float(zero)) * scale - x)
      sum += Double(importances[bin]) * (power == 2 ? error * error : pow(abs(error), power))
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
