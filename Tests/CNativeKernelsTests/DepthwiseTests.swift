import CNativeKernels
import TestSupport
import Testing

@Suite struct DepthwiseTests {
  @Test(arguments: types.map(\.rawValue))
  func everySetAgreesWithTheDefinition(rawType: UInt32) {
    for seed in 0..<UInt64(60) { check(native_type(rawType), seed: seed) }
  }

  private func check(_ type: native_type, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func pick(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
    let size = pick(1...5)
    let stride = pick(1...2)
    let channels = pick(1...(pick(0...2) == 0 ? 200 : 70))
    let (height, width) = (pick(1...4), pick(1...25))
    let pad = size / 2
    let input = TestView(
      type,
      height * stride + size,
      width * stride + size,
      channels,
      border: pad + 1,
      gap: pick(0...3),
      filled: true,
      scale: 0.02,
      zero: Int32(pick(0...255)),
      using: &random
    )
    let output = TestView(
      pick(0...2) > 0 ? type : types[pick(0...2)],
      height,
      width,
      channels,
      border: 1,
      gap: pick(0...9),
      scale: Float(pick(1...9)) / 100,
      zero: Int32(pick(0...255)),
      using: &random
    )
    let offsets = (0..<size * size).map { tap in
      Int64(tap / size - pad) * input.view.row_step
        + Int64(tap % size - pad) * input.view.pixel_step
    }
    let weights = (0..<size * size * channels).map { _ in
      type == NATIVE_U8
        ? Float(Int8.random(in: -128...127, using: &random))
        : Float.random(in: -0.6...0.6, using: &random)
    }
    let epilogue = TestEpilogue(
      inputType: type,
      output: output,
      lanes: (channels + 63) / 64 * 64,
      using: &random
    )
    func sum(_ y: Int, _ x: Int, _ c: Int) -> Double {
      (0..<size * size).reduce(0.0) { total, tap in
        let (row, column) = (y * stride + tap / size - pad, x * stride + tap % size - pad)
        let value =
          type == NATIVE_U8
          ? Double(input.integer(row, column, c) - Int(input.view.zero))
          : Double(input.value(row, column, c))
        return total + value * Double(weights[tap * channels + c])
      }
    }
    let siluError = epilogue.siluError * Double(output.view.scale)
    var strided = input.view
    strided.row_step *= Int64(stride)
    strided.pixel_step *= Int64(stride)
    for set in availableSets {
      output.reset()
      offsets.withUnsafeBufferPointer { offsets in
        weights.withUnsafeBufferPointer { weights in
          guard let taps = offsets.baseAddress, let first = weights.baseAddress else { return }
          var conv = native_depthwise(
            input: strided,
            tap_offsets: taps,
            tap_count: Int32(offsets.count),
            weights: first,
            channels: Int32(channels),
            output_width: Int32(width),
            output: output.view,
            epilogue: epilogue.epilogue
          )
          let rows = Int32(height)
          native_depthwise_run(&conv, set, rows / 2, rows - rows / 2)
          native_depthwise_run(&conv, set, 0, rows / 2)
        }
      }
      let label: Comment = "set \(set.rawValue), type \(type.rawValue), seed \(seed)"
      #expect(output.spilt == 0, label)
      let worst = worstError(of: output, sumError: 2e-5 + siluError) { y, x, c in
        epilogue.exact(sum(y, x, c), y, x, c)
      }
      #expect(worst.ratio <= 1, "\(worst.place); \(label)")
      guard type == NATIVE_U8, output.view.type == NATIVE_U8 else { continue }
      var wrong = 0
      for y in 0..<height {
        for x in 0..<width {
          for c in 0..<channels {
            let expected = epilogue.byte(Int(sum(y, x, c)), y, x, c, output.view)
            if output.integer(y, x, c) != expected { wrong += 1 }
          }
        }
      }
      #expect(wrong == 0, label)
    }
  }
}
