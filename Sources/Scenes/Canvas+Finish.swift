import Images

extension Canvas {
  /// What a camera adds: blur, exposure, noise. The truth is not touched.
  mutating func finish(_ options: SceneOptions, _ random: inout SceneRandom) {
    if random.happens(percent: 30) { blur() }
    let gain = random.integer(in: 160...300)
    let bias = random.integer(in: -40...40)
    let exposed = (0...255).map { UInt8(clamping: (($0 - 128) * gain) / 256 + 128 + bias) }
    for index in image.pixels.indices {
      image.pixels[index] = exposed[Int(image.pixels[index])]
    }
    let noise = random.integer(in: 0...options.maximumNoise)
    if noise > 0 { addNoise(noise, &random) }
  }

  /// Adds an even random number between −amplitude and amplitude to every byte.
  private mutating func addNoise(_ amplitude: Int, _ random: inout SceneRandom) {
    let span = 2 * amplitude + 1
    var bits: UInt64 = 0
    for index in image.pixels.indices {
      if index % 4 == 0 { bits = random.next() }
      let change = (Int(bits & 0xFFFF) * span) >> 16
      bits >>= 16
      image.pixels[index] = UInt8(clamping: Int(image.pixels[index]) + change - amplitude)
    }
  }

  /// The kernel 1 2 1 along rows, then along columns.
  private mutating func blur() {
    let row = 3 * width
    for (step, positions) in [(3, 0..<row), (row, 0..<height)] {
      let source = image.pixels
      let isAcross = step == 3
      for index in source.indices {
        let place = isAcross ? index % row : index / row
        let edge = isAcross ? 3 : 1
        let before = place < edge ? index : index - step
        let after = place >= positions.upperBound - edge ? index : index + step
        let sum = Int(source[before]) + 2 * Int(source[index]) + Int(source[after])
        image.pixels[index] = UInt8((sum + 2) >> 2)
      }
    }
  }
}
