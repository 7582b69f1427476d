/// Repeatable random numbers (SplitMix64), equal on every machine and with every compiler: the
/// ranges are drawn with integer arithmetic of our own, not with the standard library's.
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SceneRandom {
  private var state: UInt64

  /// One independent stream for each pair of seed and index.
  init(seed: UInt64, index: UInt64) {
    state = seed
    let first = next()
    state = first ^ (index &* 0xD6E8_FEB8_6659_FD93)
    state = next()
  }

  /// 64 random bits.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// An integer of a closed range.
  mutating func integer(in range: ClosedRange<Int>) -> Int {
    let span = UInt64(bitPattern: Int64(range.upperBound - range.lowerBound)) &+ 1
    guard span > 0 else { return Int(truncatingIfNeeded: next()) }
    return range.lowerBound + Int(next().multipliedFullWidth(by: span).high)
  }

  /// A number in [0, 1) with 53 random bits.
  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number between two others.
  mutating func number(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * fraction()
  }

  /// Whether something happens that has this many chances in a hundred.
  mutating func happens(percent: Int) -> Bool { integer(in: 0...99) < percent }

  /// A direction, equally likely all round.
  mutating func direction() -> Direction { Direction(turns: fraction()) }
}
