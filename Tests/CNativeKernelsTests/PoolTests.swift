import CNativeKernels
import TestSupport
import Testing

@Suite struct PoolTests {
  @Test(arguments: types.map(\.rawValue))
  func everySetAgreesWithTheDefinition(rawType: UInt32) {
    for seed in 0..<UInt64(80) { check(native_type(rawType), seed: seed) }
  }

  private func check(_ type: native_type, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func pick(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
    var kernel = (pick(1...6), pick(1...6))
    var stride = (pick(1...2), pick(1...2))
    // Half of them as SPP and SPPF have them, up to a width that the fast form leaves alone.
    if Bool.random(using: &random) {
      let size = [3, 5, 9, 13, 19][pick(0...4)]
      kernel = (size, size)
      stride = (1, 1)
    }
    let pad = (kernel.0 / 2, kernel.1 / 2)
    let (height, width) = (pick(1...12), pick(1...25))
    let channels = pick(1...(pick(0...2) == 0 ? 150 : 70))
    let rows = (height + 2 * pad.0 - kernel.0) / stride.0 + 1
    let columns = (width + 2 * pad.1 - kernel.1) / stride.1 + 1
    let input = TestView(
      type,
      height,
      width,
      channels,
      border: 1,
      gap: pick(0...3),
      filled: true,
      scale: 0.02,
      zero: 100,
      using: &random
    )
    let sameScale = pick(0...2) > 0
    let output = TestView(
      type,
      rows,
      columns,
      channels,
      border: 1,
      gap: pick(0...9),
      scale: sameScale ? 0.02 : 0.03,
      zero: sameScale ? 100 : 90,
      using: &random
    )
    var pool = native_pool(
      input: input.view,
      input_height: Int32(height),
      input_width: Int32(width),
      channels: Int32(channels),
      kernel_height: Int32(kernel.0),
      kernel_width: Int32(kernel.1),
      stride_height: Int32(stride.0),
      stride_width: Int32(stride.1),
      pad_top: Int32(pad.0),
      pad_left: Int32(pad.1),
      output_width: Int32(columns),
      output: output.view
    )
    for set in availableSets {
      output.reset()
      native_max_pool(&pool, set, Int32(rows / 2), Int32(rows - rows / 2))
      native_max_pool(&pool, set, 0, Int32(rows / 2))
      let label: Comment =
        "set \(set.rawValue), type \(type.rawValue), seed \(seed), \(kernel) by \(stride)"
      #expect(output.spilt == 0, label)
      var wrong = 0
      for y in 0..<rows {
        for x in 0..<columns {
          let top = y * stride.0 - pad.0
          let left = x * stride.1 - pad.1
          for c in 0..<channels {
            var best = -Float.infinity
            for row in max(top, 0)..<min(top + kernel.0, height) {
              for column in max(left, 0)..<min(left + kernel.1, width) {
                best = max(best, input.value(row, column, c))
              }
            }
            let matches =
              type == NATIVE_U8
              ? output.integer(y, x, c) == definedByte(best, output.view)
              : output.value(y, x, c) == best
            if !matches { wrong += 1 }
          }
        }
      }
      #expect(wrong == 0, label)
    }
  }
}
