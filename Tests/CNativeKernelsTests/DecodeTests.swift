import CNativeKernels
import TestSupport
import Testing

@Suite struct DecodeTests {
  @Test(arguments: types.map(\.rawValue))
  func everySetAgreesWithTheDefinition(rawType: UInt32) {
    for seed in 0..<UInt64(40) { check(native_type(rawType), seed: seed) }
  }

  private func check(_ type: native_type, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func pick(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
    let (height, width, anchors) = (pick(1...5), pick(1...9), pick(1...4))
    let fields = pick(5...130)
    let decoded = Bool.random(using: &random) ? fields : pick(5...fields)
    let head = TestView(
      type,
      height,
      width,
      anchors * fields,
      gap: pick(0...3),
      filled: true,
      scale: 0.03,
      zero: 128,
      using: &random
    )
    let sizes = (0..<2 * anchors).map { _ in Float.random(in: 5...300, using: &random) }
    let count = height * width * anchors * fields
    let margin = 16
    // Some heads pass over what cannot matter.
    let least = seed % 3 == 0 ? Float.random(in: -2...1, using: &random) : -.infinity
    let guarded = -777 as Float
    for set in availableSets {
      var output = [Float](repeating: guarded, count: count + 2 * margin)
      output.withUnsafeMutableBufferPointer { output in
        sizes.withUnsafeBufferPointer { sizes in
          guard let first = output.baseAddress, let anchorSizes = sizes.baseAddress else { return }
          var limit = least
          withUnsafePointer(to: &limit) { limit in
            var decode = native_decode(
              head: head.view,
              height: Int32(height),
              width: Int32(width),
              anchors: Int32(anchors),
              fields: Int32(fields),
              sigmoid_fields: Int32(decoded),
              stride: 16,
              anchor_sizes: anchorSizes,
              output: first + margin,
              least_logit: limit
            )
            let rows = Int32(height)
            native_decode_run(&decode, set, rows / 2, rows - rows / 2)
            native_decode_run(&decode, set, 0, rows / 2)
          }
        }
      }
      var worst = 0.0
      for anchor in 0..<anchors {
        for y in 0..<height {
          for x in 0..<width {
            let isPassedOver = head.value(y, x, anchor * fields + 4) <= least
            for field in 0..<fields {
              let logit = Double(head.value(y, x, anchor * fields + field))
              let sigmoid = exactActivation(logit, NATIVE_SIGMOID, alpha: 0, beta: 0)
              let exact =
                switch field {
                case 0: (sigmoid * 2 + Double(x) - 0.5) * 16
                case 1: (sigmoid * 2 + Double(y) - 0.5) * 16
                case 2, 3: sigmoid * sigmoid * 4 * Double(sizes[2 * anchor + field - 2])
                default: field < decoded ? sigmoid : logit
                }
              let at = margin + ((anchor * height + y) * width + x) * fields + field
              if isPassedOver {
                if output[at] != (field == 4 ? 0 : guarded) { worst = .infinity }
                continue
              }
              let bound = abs(exact) * 3e-6 + (field < 4 ? 1e-4 : 1e-7)
              worst = max(worst, abs(Double(output[at]) - exact) / bound)
            }
          }
        }
      }
      let label: Comment = "set \(set.rawValue), type \(type.rawValue), seed \(seed): \(worst)"
      #expect(worst <= 1, label)
      #expect(output.prefix(margin).allSatisfy { $0 == guarded }, label)
      #expect(output.suffix(margin).allSatisfy { $0 == guarded }, label)
    }
  }
}
