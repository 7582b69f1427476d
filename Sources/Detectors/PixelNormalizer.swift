import Graphs

/// Pixel values of 0 ... 255 to tensor values: (pixel · scale − mean) / deviation per channel.
struct PixelNormalizer {
  /// By plane of the tensor and pixel value: [3, 256].
  private(set) var table: [Float] = []
  /// Which colour channel each plane of the tensor holds.
  private(set) var channels = [0, 1, 2]
  /// Whether the values are pixel / 255, which needs no table.
  private(set) var isPlain = false
  private var preprocessing: ModelContract.Preprocessing?

  /// Prepares for a network; nothing is done when it is the one of before.
  mutating func prepare(_ preprocessing: ModelContract.Preprocessing) {
    guard preprocessing != self.preprocessing else { return }
    self.preprocessing = preprocessing
    channels = preprocessing.channelOrder.uppercased() == "BGR" ? [2, 1, 0] : [0, 1, 2]
    let means = preprocessing.mean + [0, 0, 0]
    let deviations = preprocessing.deviation + [1, 1, 1]
    let isScaledBy255 = preprocessing.scale == 1 / 255
    table = (0..<3).flatMap { plane in
      (0..<256).map { value in
        // Dividing by 255 is what PyTorch does; multiplying by 1/255 differs in the last bit.
        let scaled = isScaledBy255 ? Float(value) / 255 : Float(value) * preprocessing.scale
        return (scaled - means[plane]) / deviations[plane]
      }
    }
    isPlain = isScaledBy255 && (0..<768).allSatisfy { table[$0] == Float($0 % 256) / 255 }
  }

  /// Writes one row of one plane.
  func write(
    _ values: UnsafePointer<Int16>,
    _ count: Int,
    plane: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    guard isPlain else {
      for index in 0..<count { target[index] = table[256 * plane + Int(values[index])] }
      return
    }
    // 1/255 as a short head, whose product is exact, and a tail: the sum is rounded once and
    // equals the quotient for each of the 256 values.
    let head = Float(bitPattern: (Float(1) / 255).bitPattern & 0xFFFF_FF00)
    let tail = Float(1.0 / 255 - Double(head))
    for index in 0..<count {
      let value = Float(values[index])
      target[index] = value * head + value * tail
    }
  }

  /// Writes one row of one plane.
  func write(
    _ values: UnsafePointer<Int16>,
    _ count: Int,
    plane: Int,
    to target: UnsafeMutablePointer<Float16>
  ) {
    for index in 0..<count { target[index] = Float16(table[256 * plane + Int(values[index])]) }
  }
}
