import CNativeKernels
import TestSupport
import Testing

@Suite struct MovementTests {
  /// Whether an element is what storing a value in its type gives: to the bit for floats and bytes.
  private func isStored(_ value: Float, in view: TestView, _ y: Int, _ x: Int, _ c: Int) -> Bool {
    switch view.view.type {
    case NATIVE_U8: view.integer(y, x, c) == definedByte(value, view.view)
    case NATIVE_BF16: view.value(y, x, c) == roundedToBFloat16(value)
    default: view.value(y, x, c) == value
    }
  }

  /// To nearest even, by the distances to both neighbours.
  private func roundedToBFloat16(_ value: Float) -> Float {
    let lower = Float(bitPattern: value.bitPattern & 0xFFFF_0000)
    let upper = Float(bitPattern: (value.bitPattern & 0xFFFF_0000) + 0x1_0000)
    let (down, up) = (abs(value - lower), abs(upper - value))
    if down != up { return down < up ? lower : upper }
    return lower.bitPattern & 0x1_0000 == 0 ? lower : upper
  }

  private func mismatches(
    in view: TestView,
    _ expected: (Int, Int, Int) -> Float
  ) -> Int {
    var wrong = 0
    for y in 0..<view.height {
      for x in 0..<view.width {
        for c in 0..<view.channels where !isStored(expected(y, x, c), in: view, y, x, c) {
          wrong += 1
        }
      }
    }
    return wrong
  }

  @Test func copiesAndRepeats() {
    for seed in 0..<UInt64(120) {
      var random = SeededGenerator(seed: seed)
      func pick(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
      let type = types[pick(0...2)]
      let (height, width, channels) = (pick(1...4), pick(1...25), pick(1...140))
      let times = pick(1...3)
      let source = TestView(
        type,
        height,
        width,
        channels,
        gap: pick(0...3) / 2,
        filled: true,
        scale: 0.02,
        zero: 100,
        using: &random
      )
      let same = Bool.random(using: &random)
      let target = TestView(
        same ? type : types[pick(0...2)],
        height * times,
        width * times,
        channels,
        border: 1,
        gap: pick(0...9) / 4,
        scale: same ? 0.02 : 0.013,
        zero: same ? 100 : 30,
        using: &random
      )
      for set in availableSets {
        target.reset()
        var (from, to) = (source.view, target.view)
        native_copy(&from, &to, set, Int32(height), Int32(width), Int32(channels), Int32(times))
        #expect(target.spilt == 0, "set \(set.rawValue), seed \(seed)")
        let wrong = mismatches(in: target) { source.value($0 / times, $1 / times, $2) }
        #expect(wrong == 0, "set \(set.rawValue), seed \(seed)")
      }
    }
  }

  @Test func adds() {
    for seed in 0..<UInt64(60) {
      var random = SeededGenerator(seed: seed)
      func pick(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
      let (height, width, channels) = (pick(1...3), pick(1...20), pick(1...90))
      func operand(filled: Bool) -> TestView {
        TestView(
          seed % 2 == 0 ? types[Int(seed / 2 % 3)] : types[pick(0...2)],
          height,
          width,
          channels,
          gap: pick(0...3),
          filled: filled,
          scale: 0.02,
          zero: 100,
          using: &random
        )
      }
      let (a, b, target) = (operand(filled: true), operand(filled: true), operand(filled: false))
      for set in availableSets {
        target.reset()
        var (first, second, to) = (a.view, b.view, target.view)
        native_unary_add(
          &first,
          &second,
          &to,
          set,
          Int32(height),
          Int32(width),
          Int32(channels),
          NATIVE_IDENTITY,
          0,
          0
        )
        #expect(target.spilt == 0, "set \(set.rawValue), seed \(seed)")
        let wrong = mismatches(in: target) { a.value($0, $1, $2) + b.value($0, $1, $2) }
        #expect(wrong == 0, "set \(set.rawValue), seed \(seed)")
      }
    }
  }

  @Test func planarFormsBothWays() {
    for seed in 0..<UInt64(120) {
      var random = SeededGenerator(seed: seed)
      func pick(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
      let (height, width) = (pick(1...3), pick(1...70))
      let channels = seed % 2 == 0 ? 3 : pick(1...40)
      let padded = channels + pick(0...2)
      let view = TestView(
        types[pick(0...2)],
        height,
        width,
        padded,
        gap: pick(0...3) / 3,
        scale: 0.02,
        zero: 100,
        using: &random
      )
      let row = 4 * (width + pick(0...5))
      let plane = row * height + 4 * pick(0...5)
      let guarded = -777 as Float
      let count = plane * channels / 4
      var planes = (0..<count).map { _ in Float.random(in: -2...2, using: &random) }
      for set in availableSets {
        view.reset()
        var target = view.view
        native_from_planar(
          planes,
          NATIVE_F32,
          Int64(plane),
          Int64(row),
          &target,
          set,
          Int32(height),
          Int32(width),
          Int32(channels),
          Int32(padded)
        )
        #expect(view.spilt == 0, "set \(set.rawValue), seed \(seed)")
        let wrong = mismatches(in: view) { y, x, c in
          c < channels ? planes[(c * plane + y * row) / 4 + x] : 0
        }
        #expect(wrong == 0, "set \(set.rawValue), seed \(seed)")
      }
      for set in availableSets {
        planes = [Float](repeating: guarded, count: count)
        var source = view.view
        native_to_planar(
          &source,
          &planes,
          Int64(plane),
          Int64(row),
          set,
          Int32(height),
          Int32(width),
          Int32(channels)
        )
        var wrong = 0
        for y in 0..<height {
          for x in 0..<width {
            for c in 0..<channels {
              let at = (c * plane + y * row) / 4 + x
              if planes[at] != view.value(y, x, c) { wrong += 1 }
              planes[at] = guarded
            }
          }
        }
        #expect(wrong == 0, "set \(set.rawValue), seed \(seed)")
        #expect(planes.allSatisfy { $0 == guarded }, "set \(set.rawValue), seed \(seed)")
      }
    }
  }

  /// Every byte is what dividing it by 255 gives, to the bit.
  @Test(arguments: types.map(\.rawValue), [3, 4])
  func bytesOfPicturesAreDividedBy255(rawType: UInt32, padded: Int) {
    var random = SeededGenerator(seed: 11)
    let (height, width) = (2, 16 * 17 + 5)
    let view = TestView(
      native_type(rawType),
      height,
      width,
      padded,
      scale: 0.0041,
      zero: 3,
      using: &random
    )
    let row = width + 7
    let plane = row * height + 5
    let bytes = (0..<3 * plane).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) }
    #expect(Set(bytes.prefix(width)).count == 256)
    for set in availableSets {
      view.reset()
      var target = view.view
      native_from_planar(
        bytes,
        NATIVE_U8,
        Int64(plane),
        Int64(row),
        &target,
        set,
        Int32(height),
        Int32(width),
        3,
        Int32(padded)
      )
      #expect(view.spilt == 0, "set \(set.rawValue)")
      let wrong = mismatches(in: view) { y, x, c in
        c < 3 ? Float(bytes[c * plane + y * row + x]) / 255 : 0
      }
      #expect(wrong == 0, "set \(set.rawValue)")
    }
  }

  @Test(arguments: types.map(\.rawValue))
  func clearsExactlyTheBorder(rawType: UInt32) {
    var random = SeededGenerator(seed: 3)
    let (top, left, bottom, right) = (2, 1, 0, 3)
    let whole = TestView(
      native_type(rawType),
      7 + top + bottom,
      9 + left + right,
      5,
      gap: 2,
      filled: true,
      scale: 0.5,
      zero: 17,
      using: &random
    )
    var inside: [Float] = []
    for y in 0..<7 {
      for x in 0..<9 { inside += (0..<5).map { whole.value(y + top, x + left, $0) } }
    }
    var inner = whole.view
    inner.data = inner.data.map {
      $0 + top * Int(inner.row_step) + left * Int(inner.pixel_step)
    }
    native_clear_border(&inner, 7, 9, 5, Int32(top), Int32(left), Int32(bottom), Int32(right))
    #expect(whole.spilt == 0)
    var kept: [Float] = []
    for y in 0..<whole.height {
      for x in 0..<whole.width {
        let values = (0..<5).map { whole.value(y, x, $0) }
        if (top..<top + 7).contains(y), (left..<left + 9).contains(x) {
          kept += values
        } else {
          #expect(values.allSatisfy { $0 == 0 })
        }
      }
    }
    #expect(kept == inside)
  }
}
