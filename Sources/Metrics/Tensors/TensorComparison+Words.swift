import Glibc

extension TensorComparison {
  /// The comparison in one line, for people.
  ///
  ///     largest error 3.1e-05 at [0, 17, 4] (0.5 instead of 0.50003), mean 2.1e-08, cosine
  ///     1.000000, signal to noise 131 dB
  public var words: String {
    if let mismatch = shapeMismatch {
      return "shape \(mismatch.actual) instead of \(mismatch.expected)"
    }
    var parts: [String] = []
    if let worst = largestAbsoluteError {
      parts.append("largest error \(short(worst.error)) at \(place(worst))")
      parts.append("mean \(short(meanAbsoluteError))")
      parts.append("cosine \(rounded(cosineSimilarity, 6))")
    } else {
      parts.append("equal in all \(elementCount) elements")
    }
    if let decibels = signalToNoiseDecibels {
      parts.append("signal to noise \(rounded(decibels, 0)) dB")
    }
    parts += specials
    if violationCount > 0, let worst = firstViolation {
      parts.append("\(violationCount) of \(elementCount) outside tolerance, worst \(place(worst))")
    }
    return parts.joined(separator: ", ")
  }

  private var specials: [String] {
    var parts: [String] = []
    if actual.nanCount != expected.nanCount {
      parts.append("\(actual.nanCount) NaN instead of \(expected.nanCount)")
    }
    if actual.infinityCount != expected.infinityCount {
      parts.append("\(actual.infinityCount) infinities instead of \(expected.infinityCount)")
    }
    return parts
  }

  private func place(_ worst: Worst) -> String {
    "\(worst.index) (\(Float(worst.actual)) instead of \(Float(worst.expected)))"
  }
}

/// Two significant digits: `3.1e-05`, `0.25`, `12`.
func short(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  guard value != 0 else { return "0" }
  let magnitude = abs(value)
  guard magnitude < 1e-3 || magnitude >= 1e6 else {
    let digits = max(0, 1 - Int(log10(magnitude).rounded(.down)))
    return rounded(value, digits)
  }
  var exponent = Int(log10(magnitude).rounded(.down))
  var mantissa = (value / pow(10, Double(exponent)) * 10).rounded() / 10
  if abs(mantissa) >= 10 {
    mantissa /= 10
    exponent += 1
  }
  let sign = exponent < 0 ? "-" : "+"
  let digits = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
  return "\(rounded(mantissa, 1))e\(sign)\(digits)"
}

/// A number with that many digits after the point.
func rounded(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  let scale = pow(10, Double(digits))
  let whole = Int64((abs(value) * scale).rounded())
  let (integer, fraction) = whole.quotientAndRemainder(dividingBy: Int64(scale))
  let sign = value < 0 && whole != 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(integer)" }
  let text = "\(fraction)"
  return "\(sign)\(integer)." + String(repeating: "0", count: digits - text.count) + text
}
