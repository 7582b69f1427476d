import CNativeKernels
import TestSupport
import Testing

/// Half precision and bfloat16 to float32 and back: every set of instructions gives the same bits,
/// those of IEEE 754's rules.
@Suite struct HalfTests {
  private static func widened(_ halves: [UInt16], _ type: native_type, _ isa: native_isa)
    -> [UInt32]
  {
    var result = [Float](repeating: 0, count: halves.count)
    native_widen(halves, type, &result, Int64(halves.count), isa)
    return result.map(\.bitPattern)
  }

  private static func narrowed(_ floats: [Float], _ type: native_type, _ isa: native_isa)
    -> [UInt16]
  {
    // One more at the end shows whether a vector's store went too far.
    var result = [UInt16](repeating: 0xABCD, count: floats.count + 1)
    native_narrow(floats, type, &result, Int64(floats.count), isa)
    #expect(result.last == 0xABCD)
    return Array(result.dropLast())
  }

  @Test(arguments: availableSets.map(\.rawValue))
  func everyHalfWidensExactly(_ set: UInt32) {
    let halves = Array(0...UInt16.max)
    let found = Self.widened(halves, NATIVE_F16, native_isa(set))
    for (half, bits) in zip(halves, found) {
      let value = Float16(bitPattern: half)
      let expected =
        value.isNaN
        ? UInt32(half & 0x8000) << 16 | 0x7FC0_0000 | UInt32(half & 0x3FF) << 13
        : Float(value).bitPattern
      #expect(bits == expected, "\(half)")
    }
    let wide = Self.widened(halves, NATIVE_BF16, native_isa(set))
    #expect(wide == halves.map { UInt32($0) << 16 })
  }

  /// Every half-precision number, what lies halfway to the next, and the floats beside both: all
  /// places where the result changes.
  private static let edges: [Float] = {
    var values: [Float] = []
    for half in UInt16(0)...0x7C00 {
      let low = Float(Float16(bitPattern: half))
      let high = half == 0x7C00 ? low : Float(Float16(bitPattern: half + 1))
      let middle = high.isInfinite ? 65520 : low + (high - low) / 2
      for value in [low, middle] {
        values += [value, value.nextUp, value.nextDown, -value, -value.nextUp, -value.nextDown]
      }
    }
    return values + [
      .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e-40,
    ]
  }()

  @Test(arguments: availableSets.map(\.rawValue))
  func floatsRoundToTheNearestEven(_ set: UInt32) {
    let isa = native_isa(set)
    for (value, half) in zip(Self.edges, Self.narrowed(Self.edges, NATIVE_F16, isa))
    where half != Float16(value).bitPattern {
      Issue.record("\(value) became \(half), not \(Float16(value).bitPattern)")
    }
    // By the definition: halfway is even, what is nearer wins.
    #expect(
      Self.narrowed([65519.996, 65520, -65520], NATIVE_F16, isa) == [0x7BFF, 0x7C00, 0xFC00]
    )
    #expect(
      Self.narrowed([1 + 0x1p-11, 1 + 0x3p-11, 0x1p-25, 0x1.8p-24], NATIVE_F16, isa) == [
        0x3C00, 0x3C02, 0, 2,
      ]
    )
  }

  @Test func everySetAgreesOnEverything() {
    var random = SeededGenerator(seed: 3)
    // Any bits at all: numbers of every size, infinities, every kind of NaN.
    let floats = (0..<200_003).map { _ in
      Float(bitPattern: UInt32.random(in: 0...(.max), using: &random))
    }
    let special = [0x7F80_0001, 0x7FC0_0000, 0xFF80_0001, 0x7FFF_FFFF, 0xFFA5_A5A5]
      .map { Float(bitPattern: UInt32($0)) }
    for type in [NATIVE_F16, NATIVE_BF16] {
      let expected = Self.narrowed(floats + special, type, NATIVE_PORTABLE)
      for isa in availableSets {
        #expect(Self.narrowed(floats + special, type, isa) == expected, "\(type) \(isa)")
      }
      for (value, half) in zip(floats + special, expected) where value.isNaN {
        let quiet: UInt16 = type == NATIVE_F16 ? 0x7E00 : 0x7FC0
        #expect(half & quiet == quiet)
      }
    }
  }

  @Test func countsThatAreNoMultipleOfAVector() {
    for count in 0...40 {
      let floats = (0..<count).map { Float($0) * 0.37 - 3 }
      for isa in availableSets {
        #expect(Self.narrowed(floats, NATIVE_F16, isa) == floats.map { Float16($0).bitPattern })
        let halves = floats.map { Float16($0).bitPattern }
        #expect(
          Self.widened(halves, NATIVE_F16, isa)
            == halves.map { Float(Float16(bitPattern: $0)).bitPattern }
        )
      }
    }
  }
}
