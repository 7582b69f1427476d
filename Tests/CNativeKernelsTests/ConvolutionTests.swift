import CNativeKernels
import TestSupport
import Testing

/// One random convolution: its operands in the kernel's layouts and its definition.
private final class ConvolutionCase {
  let description: String
  let input: TestView
  let output: TestView
  let epilogue: TestEpilogue
  let conv: native_conv
  let blocks: Int
  /// In double, or exact integers.
  private(set) var sums: [Double] = []
  private let offsets: AlignedArray<Int64>
  private let weights: AlignedArray<UInt8>

  init(seed: UInt64, type: native_type) {
    var random = SeededGenerator(seed: seed)
    func pick(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
    let size = pick(1...3)
    let stride = pick(1...2)
    let inputs = pick(1...(pick(0...3) == 0 ? 70 : 20))
    let outputs = pick(1...70)
    let width = pick(1...(pick(0...4) == 0 ? 60 : 25))
    let height = pick(1...4)
    let vectors = 1 << pick(0...2)
    // A whole row of pixels as one tap, as stems are laid out.
    let rowTaps = pick(0...3) == 0
    var outputType = pick(0...2) > 0 ? type : types[pick(0...2)]
    if type == NATIVE_U8, pick(0...5) == 0 { outputType = NATIVE_S32 }
    let pad = size / 2
    input = TestView(
      type,
      height * stride + size,
      width * stride + size,
      inputs,
      border: pad + 1,
      gap: rowTaps ? 0 : pick(0...3),
      filled: true,
      scale: 0.02,
      zero: 128,
      using: &random
    )
    output = TestView(
      outputType,
      height,
      width,
      outputs,
      border: pick(0...2),
      gap: pick(0...9),
      scale: Float(pick(1...9)) / 100,
      zero: Int32(pick(0...255)),
      using: &random
    )
    let taps = rowTaps ? size : size * size
    let values = rowTaps ? size * inputs : inputs
    let elementSize = TestView.elementSize(type)
    let groups = (values * elementSize + 3) / 4
    let lanes = 16 * vectors
    blocks = (outputs + lanes - 1) / lanes
    offsets = AlignedArray(repeating: 0, count: taps)
    for tap in 0..<taps {
      let row = Int64((rowTaps ? tap : tap / size) - pad)
      let column = Int64((rowTaps ? 0 : tap % size) - pad)
      offsets[tap] = row * input.view.row_step + column * input.view.pixel_step
    }
    weights = AlignedArray(repeating: 0, count: blocks * taps * groups * lanes * 4)
    var exact = [Double](repeating: 0, count: outputs * taps * values)
    for output in 0..<outputs {
      for tap in 0..<taps {
        for index in 0..<values {
          let (group, part) = (index * elementSize).quotientAndRemainder(dividingBy: 4)
          let row = (output / lanes * taps + tap) * groups + group
          let place = UnsafeMutableRawPointer(
            weights.pointer + (row * lanes + output % lanes) * 4 + part
          )
          let value = Float.random(in: -0.6...0.6, using: &random)
          let at = (output * taps + tap) * values + index
          switch type {
          case NATIVE_U8:
            let byte = Int8.random(in: -128...127, using: &random)
            place.storeBytes(of: byte, as: Int8.self)
            exact[at] = Double(byte)
          case NATIVE_BF16:
            let half = TestView.bfloat16(value)
            place.storeBytes(of: half, as: UInt16.self)
            exact[at] = Double(Float(bitPattern: UInt32(half) << 16))
          default:
            place.storeBytes(of: value, as: Float.self)
            exact[at] = Double(value)
          }
        }
      }
    }
    epilogue = TestEpilogue(
      inputType: type,
      output: output,
      lanes: blocks * lanes,
      using: &random
    )
    var strided = input.view
    strided.row_step *= Int64(stride)
    strided.pixel_step *= Int64(stride)
    conv = native_conv(
      input: strided,
      tap_offsets: offsets.pointer,
      tap_count: Int32(taps),
      group_count: Int32(groups),
      weights: weights.pointer,
      block_vectors: Int32(vectors),
      output_channels: Int32(outputs),
      output_width: Int32(width),
      output: output.view,
      epilogue: epilogue.epilogue
    )
    description =
      "seed \(seed): type \(type.rawValue) to \(outputType.rawValue), \(inputs) to \(outputs) "
      + "channels, \(size)×\(size) by \(stride), \(height)×\(width), \(vectors) vectors, "
      + "activation \(epilogue.epilogue.activation.rawValue), "
      + "residual \(epilogue.epilogue.residual_order)"
    // The input's pixels of one tap, in a row: what the taps address is what is summed.
    let elements = inputs + (Int(input.view.pixel_step) / elementSize - inputs)
    for y in 0..<height {
      for x in 0..<width {
        var read: [Double] = []
        for tap in 0..<taps {
          let row = (rowTaps ? tap : tap / size) - pad + y * stride
          let column = (rowTaps ? 0 : tap % size) - pad + x * stride
          for index in 0..<values {
            let (pixel, channel) = index.quotientAndRemainder(dividingBy: elements)
            read.append(
              type == NATIVE_U8
                ? Double(input.integer(row, column + pixel, channel))
                : Double(input.value(row, column + pixel, channel))
            )
          }
        }
        for output in 0..<outputs {
          var sum = 0.0
          for index in read.indices { sum += read[index] * exact[output * read.count + index] }
          sums.append(sum)
        }
      }
    }
  }

  func sum(_ y: Int, _ x: Int, _ c: Int) -> Double {
    sums[(y * output.width + x) * output.channels + c]
  }

  /// In one call, or in parts as threads share them.
  func run(_ set: native_isa, inParts: Bool) {
    withUnsafePointer(to: conv) { conv in
      let rows = Int32(output.height)
      let blocks = Int32(blocks)
      guard inParts else { return native_conv_run(conv, set, 0, rows, 0, blocks) }
      native_conv_run(conv, set, rows / 2, rows - rows / 2, 0, blocks / 2)
      native_conv_run(conv, set, 0, rows, blocks / 2, blocks - blocks / 2)
      native_conv_run(conv, set, 0, rows / 2, 0, blocks / 2)
    }
  }
}

@Suite struct ConvolutionTests {
  @Test(arguments: types.map(\.rawValue))
  func everySetAgreesWithTheDefinition(rawType: UInt32) {
    let type = native_type(rawType)
    for seed in 0..<UInt64(120) {
      let test = ConvolutionCase(seed: seed, type: type)
      let sumError =
        type == NATIVE_U8
        ? 1e-5 + test.epilogue.siluError * Double(test.output.view.scale)
        : 2e-6 * 8 * (test.sums.map(abs).max() ?? 0)
      for set in availableSets {
        test.output.reset()
        test.run(set, inParts: seed % 2 == 1)
        #expect(test.output.spilt == 0, "\(set.rawValue) wrote past its place; \(test.description)")
        if test.output.view.type != NATIVE_S32 {
          let worst = worstError(of: test.output, sumError: sumError) { y, x, c in
            test.epilogue.exact(test.sum(y, x, c), y, x, c)
          }
          #expect(worst.ratio <= 1, "\(set.rawValue) at \(worst.place); \(test.description)")
        }
        guard type == NATIVE_U8 else { continue }
        let wrong = differentIntegers(test)
        #expect(wrong == 0, "\(set.rawValue): \(wrong) integers differ; \(test.description)")
      }
    }
  }

  /// How many bytes, or sums, are not what the header defines to the last bit.
  private func differentIntegers(_ test: ConvolutionCase) -> Int {
    let view = test.output.view
    guard view.type == NATIVE_U8 || view.type == NATIVE_S32 else { return 0 }
    var wrong = 0
    for y in 0..<test.output.height {
      for x in 0..<test.output.width {
        for c in 0..<test.output.channels {
          let sum = Int(test.sum(y, x, c))
          let expected = view.type == NATIVE_S32 ? sum : test.epilogue.byte(sum, y, x, c, view)
          if test.output.integer(y, x, c) != expected { wrong += 1 }
        }
      }
    }
    return wrong
  }
}
