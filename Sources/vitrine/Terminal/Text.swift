/// `12.3 ms`, `1.23 s`.
func milliseconds(_ duration: Duration) -> String {
  let value = seconds(duration)
  return value < 1 ? "\(decimal(value * 1000, 1)) ms" : "\(decimal(value, 2)) s"
}

/// The duration in seconds.
func seconds(_ duration: Duration) -> Double {
  let (whole, fraction) = duration.components
  return Double(whole) + Double(fraction) * 1e-18
}

/// A number with a fixed count of decimals.
func decimal(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = (value * scale).rounded()
  guard abs(scaled) < 1e15 else { return "\(value)" }
  let digits = String(Int64(abs(scaled)))
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  let sign = scaled < 0 ? "-" : ""
  guard places > 0 else { return sign + padded }
  return sign + padded.dropLast(places) + "." + padded.suffix(places)
}

/// `3.2 MB` in powers of 1,000.
func bytes(_ count: Int) -> String {
  switch count {
  case ..<1_000: "\(count) B"
  case ..<1_000_000: "\(decimal(Double(count) / 1e3, 1)) kB"
  case ..<1_000_000_000: "\(decimal(Double(count) / 1e6, 1)) MB"
  default: "\(decimal(Double(count) / 1e9, 2)) GB"
  }
}

/// The text filled with spaces on the right; wide characters count double.
func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - columns(of: text)))
}

/// The columns that a text takes in a terminal: East Asian wide characters take two.
func columns(of text: String) -> Int {
  text.unicodeScalars.reduce(0) { sum, scalar in
    switch scalar.value {
    case 0x1B: sum
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      sum + 2
    default: sum + 1
    }
  }
}
