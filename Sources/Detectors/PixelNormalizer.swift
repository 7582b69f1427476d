import CImageKernels
import Graphs

/// Pixel values of 0 ... 255 to tensor values: (pixel · scale − mean) / deviation per channel.
struct PixelNormalizer {
  /// By plane of the tensor and pixel value: [3, 256].
  private(set) var table: [Float] = []
  private var halfTable: [Float16] = []
  /// Which colour channel each plane of the tensor holds.
  private(set) var channels = [0, 1, 2]
  /// Whether the values are pixel / 255, which the kernels write themselves.
  private(set) var isPlain = false
  private var preprocessing: ModelContract.Preprocessing?
  private var scratch: [Int16] = []

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
    halfTable = table.map(Float16.init)
    isPlain = isScaledBy255 && (0..<768).allSatisfy { table[$0] == Float($0 % 256) / 255 }
  }

  /// Writes one plane of a row of `count` pixels.
  mutating func write(
    _ row: ScaledRow,
    _ count: Int,
    plane: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    let start = channels[plane] * count
    if isPlain, case .blend(let upper, let lower, let upperWeight, let lowerWeight) = row {
      kernels_blend_unit(upper + start, lower + start, upperWeight, lowerWeight, count, target)
      return
    }
    withLevels(row, count, plane) { [table] values in
      table.withUnsafeBufferPointer { table in
        for index in 0..<count { target[index] = table[256 * plane + Int(values[index])] }
      }
    }
  }

  /// Writes one plane of a row of `count` pixels.
  mutating func write(
    _ row: ScaledRow,
    _ count: Int,
    plane: Int,
    to target: UnsafeMutablePointer<Float16>
  ) {
    withLevels(row, count, plane) { [halfTable] values in
      halfTable.withUnsafeBufferPointer { table in
        for index in 0..<count { target[index] = table[256 * plane + Int(values[index])] }
      }
    }
  }

  /// Writes the levels of one plane of a row of `count` pixels.
  mutating func write(
    _ row: ScaledRow,
    _ count: Int,
    plane: Int,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    withLevels(row, count, plane) { values in
      for index in 0..<count { target[index] = UInt8(truncatingIfNeeded: values[index]) }
    }
  }

  /// Gives the levels, 0 ... 255, of the channel that a plane holds.
  @inline(__always)
  private mutating func withLevels(
    _ row: ScaledRow,
    _ count: Int,
    _ plane: Int,
    _ body: (UnsafePointer<Int16>) -> Void
  ) {
    var levels = takeScratch(count)
    levels.withUnsafeMutableBufferPointer { levels in
      guard let levels = levels.baseAddress else { return }
      body(row.levels(from: channels[plane] * count, count, using: levels))
    }
    swap(&levels, &scratch)
  }

  /// Room for `count` levels; the caller puts it back.
  private mutating func takeScratch(_ count: Int) -> [Int16] {
    var levels: [Int16] = []
    swap(&levels, &scratch)
    if levels.count < count { levels += repeatElement(0, count: count - levels.count) }
    return levels
  }
}
