import CNativeKernels
import TestSupport
import Testing

@Suite struct WinogradTests {
  @Test(arguments: [NATIVE_F32.rawValue, NATIVE_BF16.rawValue])
  func everySetAgreesWithTheDefinition(rawType: UInt32) {
    for seed in 0..<UInt64(24) { check(native_type(rawType), seed: seed) }
  }

  private func check(_ type: native_type, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func pick(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
    // Enough tiles for more than one block of them in some cases.
    let (height, width) = (pick(1...14), pick(1...(seed % 4 == 0 ? 60 : 22)))
    let (inputs, outputs) = (pick(1...40), pick(1...100))
    let input = TestView(
      type,
      height,
      width,
      inputs,
      border: 1,
      gap: pick(0...3),
      filled: true,
      using: &random
    )
    // The border's values count like any others.
    let output = TestView(
      Bool.random(using: &random) ? type : NATIVE_F32,
      height,
      width,
      outputs,
      border: 1,
      gap: pick(0...3),
      using: &random
    )
    let weights = (0..<outputs * inputs * 9).map { _ in Float.random(in: -0.5...0.5, using: &random)
    }
    let epilogue = TestEpilogue(
      inputType: type,
      output: output,
      lanes: (outputs + 63) / 64 * 64,
      using: &random
    )
    var sums: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        let read = (0..<9 * inputs).map { index in
          let (channel, tap) = index.quotientAndRemainder(dividingBy: 9)
          return Double(input.value(y + tap / 3 - 1, x + tap % 3 - 1, channel))
        }
        for c in 0..<outputs {
          var sum = 0.0
          for index in read.indices { sum += read[index] * Double(weights[c * read.count + index]) }
          sums.append(sum)
        }
      }
    }
    let packed = AlignedArray<Float>(
      repeating: .nan,
      count: native_winograd_packed_floats(Int32(inputs), Int32(outputs))
    )
    native_winograd_pack(weights, Int32(inputs), Int32(outputs), packed.pointer)
    let size = native_winograd_workspace(Int32(width), Int32(inputs), Int32(outputs))
    // Its memory may hold anything, and is not written past its end.
    let workspace = AlignedArray<UInt8>(repeating: 0xFF, count: size + 64)
    var conv = native_winograd(
      input: input.view,
      height: Int32(height),
      width: Int32(width),
      input_channels: Int32(inputs),
      output_channels: Int32(outputs),
      weights: packed.pointer,
      output: output.view,
      epilogue: epilogue.epilogue
    )
    let largest = sums.map(abs).max() ?? 0
    let tileRows = Int32((height + 3) / 4)
    for set in availableSets {
      output.reset()
      native_winograd_run(&conv, set, tileRows / 2, tileRows - tileRows / 2, workspace.pointer)
      let tiles = tileRows / 2 * Int32((width + 3) / 4)
      native_winograd_run_tiles(&conv, set, tiles / 3, tiles - tiles / 3, workspace.pointer)
      native_winograd_run_tiles(&conv, set, 0, tiles / 3, workspace.pointer)
      let label: Comment =
        "set \(set.rawValue), type \(type.rawValue), seed \(seed), \(height)×\(width)"
      #expect(output.spilt == 0, label)
      #expect((size..<size + 64).allSatisfy { workspace[$0] == 0xFF }, label)
      let worst = worstError(of: output, sumError: 2e-5 * largest) { y, x, c in
        epilogue.exact(sums[(y * width + x) * outputs + c], y, x, c)
      }
      #expect(worst.ratio <= 1, "\(worst.place); \(label)")
    }
  }
}
