import CNativeKernels
import TestSupport
import Testing

@Suite struct ActivationTests {
  private func parameters(_ activation: native_activation) -> (alpha: Float, beta: Float) {
    (activation == NATIVE_CLIP ? -0.7 : 0.13, 0.8)
  }

  /// activation(x) of many values by one set, stored as floats or as bfloat16.
  private func run(
    _ values: [Float],
    _ activation: native_activation,
    _ set: native_isa,
    as type: native_type
  ) -> [Float] {
    var random = SeededGenerator(seed: 1)
    let output = TestView(type, 1, 1, values.count, using: &random)
    var values = values
    let (alpha, beta) = parameters(activation)
    values.withUnsafeMutableBytes { bytes in
      var source = output.view
      source.type = NATIVE_F32
      source.data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      var none = native_view()
      var target = output.view
      native_unary_add(
        &source,
        &none,
        &target,
        set,
        1,
        1,
        Int32(bytes.count / 4),
        activation,
        alpha,
        beta
      )
    }
    return values.indices.map { output.value(0, 0, $0) }
  }

  @Test(arguments: 0...9)
  func floatsAreRightToAMillionth(raw: UInt32) {
    let activation = native_activation(raw)
    let (alpha, beta) = parameters(activation)
    let values = (-16_000...16_000).map { Float($0) / 1000 }
    for set in availableSets {
      var worst = 0.0
      for (value, result) in zip(values, run(values, activation, set, as: NATIVE_F32)) {
        let exact = exactActivation(
          Double(value),
          activation,
          alpha: Double(alpha),
          beta: Double(beta)
        )
        worst = max(worst, abs(Double(result) - exact) / max(abs(exact), 1e-6))
      }
      // Mish subtracts near its zero far out on the negative side; HardSwish near -3.
      let bound = activation == NATIVE_HARD_SWISH ? 2e-4 : 1.5e-6
      #expect(worst < bound, "set \(set.rawValue): \(worst)")
    }
  }

  @Test(arguments: 0...9)
  func bfloat16IsRightToItsOwnRounding(raw: UInt32) {
    let activation = native_activation(raw)
    let (alpha, beta) = parameters(activation)
    let values = (-16_000...16_000).map { Float($0) / 1000 }
    for set in availableSets {
      var worst = 0.0
      for (value, result) in zip(values, run(values, activation, set, as: NATIVE_BF16)) {
        let exact = exactActivation(
          Double(value),
          activation,
          alpha: Double(alpha),
          beta: Double(beta)
        )
        worst = max(worst, abs(Double(result) - exact) / max(abs(exact), 1e-4))
      }
      #expect(worst < 1.0 / 256 * 1.05, "set \(set.rawValue): \(worst)")
    }
  }

  @Test(arguments: 0...9)
  func bytesDefinitionIsNearTheMathematics(raw: UInt32) {
    let activation = native_activation(raw)
    let (alpha, beta) = parameters(activation)
    var worst = 0.0
    for step in -40_000...40_000 {
      let value = Float(step) / 1000
      let result = native_byte_activation(value, activation, alpha, beta)
      let exact = exactActivation(
        Double(value),
        activation,
        alpha: Double(alpha),
        beta: Double(beta)
      )
      worst = max(worst, abs(Double(result) - exact))
    }
    #expect(worst < (activation == NATIVE_SILU ? 9e-5 : 6e-6), "\(worst)")
    #expect(native_byte_activation(0, NATIVE_SILU, 0, 0) == 0)
  }

  @Test func infinitiesAndNaN() {
    let values: [Float] = [.infinity, -.infinity, .nan, 1e30, -1e30, 100, -100, -88, 88, 0]
    for set in availableSets {
      for type in [NATIVE_F32, NATIVE_BF16] {
        for raw in UInt32(0)...9 {
          let activation = native_activation(raw)
          let (alpha, beta) = parameters(activation)
          let results = run(values, activation, set, as: type)
          for (value, result) in zip(values, results) {
            let label: Comment = "set \(set.rawValue), activation \(raw) of \(value): \(result)"
            let exact = exactActivation(
              Double(value),
              activation,
              alpha: Double(alpha),
              beta: Double(beta)
            )
            if value.isNaN {
              #expect(result.isNaN, label)
            } else if exact.isNaN {
              #expect(result.isNaN || abs(result) < 1e-6, label)
            } else if exact.isInfinite {
              #expect(Double(result) == exact, label)
            } else {
              #expect(abs(Double(result) - exact) <= abs(exact) / 128 + 1e-6, label)
            }
          }
        }
      }
    }
  }
}
