/// The upper half of a 32-bit float: 8 exponent bits, 7 fraction bits.
public struct BFloat16: Sendable, Hashable, BitwiseCopyable {
  /// The stored bits.
  public var bitPattern: UInt16

  /// Creates a value from its bits.
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// Creates the nearest value, ties to even; NaN stays a (quiet) NaN.
  public init(_ value: Float) {
    let bits = value.bitPattern
    guard !value.isNaN else {
      bitPattern = UInt16(bits >> 16) | 0x40
      return
    }
    bitPattern = UInt16((bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
  }
}

extension Float {
  /// Creates the same value in single precision; exact.
  public init(_ value: BFloat16) { self.init(bitPattern: UInt32(value.bitPattern) << 16) }
}
