import CNativeKernels
import Testing

/// SiLU in 16 bits against the mathematics, without a convolution around it.
@Suite struct IntegerSiluTests {
  private static let factorOfSum: Float = 1e-4

  /// The tables for one channel whose sums are in ten-thousandths.
  private func prepared(
    _ output: native_view,
    residual: native_view? = nil,
    order: Int32 = 1,
    _ body: (native_silu?) -> Void
  ) {
    let numbers = AlignedArray<Float>(repeating: 0, count: 4)
    numbers[0] = Self.factorOfSum
    var silu = native_silu()
    var epilogue = native_epilogue()
    epilogue.scale = UnsafePointer(numbers.pointer)
    epilogue.bias = UnsafePointer(numbers.pointer + 1)
    epilogue.activation = NATIVE_SILU
    if let residual { (epilogue.residual, epilogue.residual_order) = (residual, order) }
    var output = output
    let made = native_silu_prepare(
      &silu,
      &epilogue,
      &output,
      1,
      1 << 24,
      numbers.pointer + 2,
      numbers.pointer + 3
    )
    body(made == 0 ? nil : silu)
    withExtendedLifetime(numbers) {}
  }

  private func bytes(_ scale: Float, _ zero: Int32) -> native_view {
    native_view(data: nil, row_step: 0, pixel_step: 0, type: NATIVE_U8, scale: scale, zero: zero)
  }

  @Test(arguments: [0.0098, 0.0125, 0.0213, 0.0391, 0.05, 0.125] as [Float])
  func isWithinItsBound(scale: Float) {
    for zero: Int32 in [0, 7, 128, 255] {
      prepared(bytes(scale, zero)) { silu in
        guard let silu else {
          Issue.record("no tables for \(scale)")
          return
        }
        let bound = 0.5 + 2.25 / Double(1 << silu.fraction_bits)
        var worst = 0.0
        for sum in stride(from: -200_000, through: 400_000, by: 11) {
          let x = Double(sum) * Double(Self.factorOfSum)
          let exact = exactActivation(x, NATIVE_SILU, alpha: 0, beta: 0) / Double(scale)
          let wanted = min(max(exact + Double(zero), 0), 255)
          withUnsafePointer(to: silu) {
            worst = max(worst, abs(Double(native_silu_byte($0, 0, Float(sum), 0)) - wanted))
          }
        }
        #expect(worst <= bound, "scale \(scale), zero \(zero): \(worst)")
        withUnsafePointer(to: silu) { #expect(native_silu_byte($0, 0, 0, 0) == UInt8(zero)) }
      }
    }
  }

  @Test func residualsAreAddedBeforeTheRounding() {
    let (scale, zero): (Float, Int32) = (0.05, 20)
    prepared(bytes(scale, zero), residual: bytes(0.04, 100)) { silu in
      guard let silu else {
        Issue.record("no tables")
        return
      }
      let bound = 0.5 + 2.75 / Double(1 << silu.fraction_bits)
      var worst = 0.0
      for residual in 0...255 {
        for sum in stride(from: -100_000, through: 200_000, by: 997) {
          let x = Double(sum) * Double(Self.factorOfSum)
          let exact =
            exactActivation(x, NATIVE_SILU, alpha: 0, beta: 0) + 0.04 * Double(residual - 100)
          let wanted = min(max(exact / Double(scale) + Double(zero), 0), 255)
          withUnsafePointer(to: silu) {
            let byte = native_silu_byte($0, 0, Float(sum), UInt8(residual))
            worst = max(worst, abs(Double(byte) - wanted))
          }
        }
      }
      #expect(worst <= bound, "\(worst)")
    }
  }

  /// What 16 bits cannot hold is left to floats.
  @Test func refusesWhatDoesNotFit() {
    prepared(bytes(0.0097, 0)) { #expect($0 == nil) }
    prepared(bytes(0.2, 0)) { #expect($0 == nil) }
    prepared(bytes(.nan, 0)) { #expect($0 == nil) }
    prepared(bytes(0.02, 0), residual: bytes(2, 128)) { #expect($0 == nil) }
    prepared(bytes(0.02, 0), residual: bytes(.infinity, 128)) { #expect($0 == nil) }
    prepared(bytes(0.02, 0), residual: bytes(0.02, 128), order: 2) { #expect($0 == nil) }
    var floats = bytes(0.02, 0)
    floats.type = NATIVE_F32
    prepared(floats) { #expect($0 == nil) }
    prepared(bytes(0.02, 0), residual: floats) { #expect($0 == nil) }
    prepared(bytes(0.019, 0), residual: bytes(0.019, 0)) { #expect($0 == nil) }
    prepared(bytes(0.02, 128), residual: bytes(0.019, 128)) { #expect($0 != nil) }
  }
}
