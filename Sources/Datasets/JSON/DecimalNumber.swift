/// A decimal number read character by character; most are short enough for an exact product or
/// quotient, which is the nearest number without further ado.
/// Source: W. D. Clinger, How to Read Floating Point Numbers Accurately (1990).
struct DecimalNumber {
  private enum Part {
    case start, sign, whole, point, fraction, exponent, exponentSign, exponentDigits
  }
  private var part = Part.start
  private var mantissa: UInt64 = 0
  private var digitCount = 0
  private var fractionCount = 0
  private var exponent = 0
  private var isNegative = false
  private var isExponentNegative = false

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Takes the next character; false where it does not belong to a number.
  mutating func append(_ byte: UInt8) -> Bool {
    switch (byte, part) {
    case (UInt8(ascii: "0")...UInt8(ascii: "9"), _):
      appendDigit(UInt64(byte - UInt8(ascii: "0")))
    case (UInt8(ascii: "-"), .start):
      isNegative = true
      part = .sign
    case (UInt8(ascii: "."), .whole): part = .point
    case (UInt8(ascii: "e"), .whole), (UInt8(ascii: "e"), .fraction), (UInt8(ascii: "E"), .whole),
      (UInt8(ascii: "E"), .fraction):
      part = .exponent
    case (UInt8(ascii: "-"), .exponent):
      isExponentNegative = true
      part = .exponentSign
    case (UInt8(ascii: "+"), .exponent): part = .exponentSign
    default: return false
    }
    return true
  }

  private mutating func appendDigit(_ digit: UInt64) {
    switch part {
    case .start, .sign, .whole: part = .whole
    case .point, .fraction:
      part = .fraction
      fractionCount += 1
    case .exponent, .exponentSign, .exponentDigits:
      part = .exponentDigits
      exponent = min(exponent * 10 + Int(digit), 100_000)
      return
    }
    if mantissa > 0 || digit > 0 { digitCount += 1 }
    if digitCount <= 19 { mantissa = mantissa &* 10 &+ digit }
  }

  /// Whether what was read is a number.
  var isWhole: Bool { part == .whole || part == .fraction || part == .exponentDigits }

  /// The nearest number where it follows from one exact step, otherwise nil.
  var exact: Double? {
    guard isWhole, digitCount <= 19, mantissa <= 1 << 53 else { return nil }
    let power = (isExponentNegative ? -exponent : exponent) - fractionCount
    guard abs(power) < Self.powers.count else { return nil }
    let value = Double(mantissa)
    let magnitude = power < 0 ? value / Self.powers[-power] : value * Self.powers[power]
    return isNegative ? -magnitude : magnitude
  }
}
