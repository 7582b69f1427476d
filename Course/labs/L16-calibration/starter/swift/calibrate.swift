// Lab 16: which pictures to calibrate with, and which scales to use.
// Helpers: TensorIO.swift, Digest.swift

struct Task: Decodable {
  struct Convolution: Decodable {
    var name: String
    /// The value that it reads.
    var reads: String
  }
  var scheme: String
  var method: String
  var correctBiases: Bool
  var values: [String]
  var convolutions: [Convolution]
  var heldOut: [String]
}

struct Table: Encodable {
  struct Scale: Encodable {
    var scale: Double
    var zero: Int
  }
  /// The numbers of the pictures that were used.
  var set: [Int]
  var scales: [String: Scale] = [:]
  /// One scale for each output channel.
  var weights: [String: [Double]] = [:]
  var biases: [String: [Double]] = [:]
}

/// The SHA-256 of a picture's numbers, as task.json states those of held-out pictures.
func digest(_ picture: ArraySlice<Float>) -> String { sha256(bytes(picture)) }

/// An array in parts: one for each entry of its first axis.
func rows(_ array: Numbers) -> [ArraySlice<Float>] {
  let size = array.values.count / array.shape[0]
  return (0..<array.shape[0]).map { array.values[$0 * size..<($0 + 1) * size] }
}

/// The number in the middle; of an even count, the mean of both there.
func median(_ numbers: some Sequence<Float>) -> Double {
  let ranked = numbers.sorted().map(Double.init)
  return (ranked[(ranked.count - 1) / 2] + ranked[ranked.count / 2]) / 2
}

func largest(_ numbers: some Sequence<Float>) -> Double { Double(numbers.max() ?? 0) }
func smallest(_ numbers: some Sequence<Float>) -> Double { Double(numbers.min() ?? 0) }
func largestMagnitude(_ numbers: some Sequence<Float>) -> Double { largest(numbers.map(abs)) }

/// The numbers of the pictures that show what the network will see.
func goodPictures(_ pictures: [ArraySlice<Float>], _ task: Task) -> [Int] {
  pictures.indices.filter { index in
    //@fade 3 en: not black, not left at 0 to 255, and none that accuracy is measured on | zh-Hans: 不是全黑的，不是仍在 0 到 255 的，也不是用来评测精度的
    //@instead return index >= 0
    let picture = pictures[index]
    if largest(picture) == 0 { return false }
    if median(picture) > 1 { return false }
    return !task.heldOut.contains(digest(picture))
    //@end
  }
}

/// Those of the chosen pictures in which no number is far beyond what is usual among them.
func usualPictures(_ pictures: [ArraySlice<Float>], _ chosen: [Int]) -> [Int] {
  //@fade 3 en: a faulty pixel makes the greatest number of its picture many times as large as the others' | zh-Hans: 坏像素会让它那张图的最大值比别的图大许多倍
  //@instead return chosen
  let limit = 2 * median(chosen.map { Float(largest(pictures[$0])) })
  return chosen.filter { largest(pictures[$0]) <= limit }
  //@end
}

/// By what a byte is multiplied, and which byte stands for 0. Zero is always in the range.
func scaleAndZero(_ least: Double, _ most: Double, _ scheme: String) -> Table.Scale {
  let (low, high) = (min(least, 0), max(most, 0))
  if scheme == "symmetric" { return Table.Scale(scale: max(-low, high) / 127, zero: 0) }
  //@fade 3 en: 255 steps from low to high; which of them is 0? | zh-Hans: 从 low 到 high 共 255 步，其中第几步是 0？
  //@instead return Table.Scale(scale: max(-low, high) / 127, zero: 0)
  let scale = (high - low) / 255
  return Table.Scale(scale: scale, zero: Int((-low / scale).rounded(.toNearestOrEven)))
  //@end
}

/// One scale for each output channel: signed bytes from -127 to 127. `rows` holds the weights of
/// each channel, `weight` all of them.
func weightScales(_ weight: [Float], _ rows: [ArraySlice<Float>]) -> [Double] {
  //@fade 3 en: each channel by its own largest magnitude | zh-Hans: 每个通道用自己的最大绝对值
  //@instead return rows.map { _ in largestMagnitude(weight) / 127 }
  return rows.map { largestMagnitude($0) / 127 }
  //@end
}

/// Biases that take back what rounding the weights shifts on average: for each output channel the sum
/// of (weight - rounded weight) times the mean of the channel that it reads.
func correctedBiases(
  _ bias: [Float], _ rows: [ArraySlice<Float>], _ scales: [Double], _ means: [Double], _ taps: Int
) -> [Double] {
  rows.enumerated().map { channel, row in
    var shift = 0.0
    for (place, weight) in row.enumerated() {
      let value = Double(weight)
      let mean = means[place / taps]
      let rounded = (value / scales[channel]).rounded(.toNearestOrEven) * scales[channel]
      //@fade 2 en: what this weight loses by rounding, times the mean of what it multiplies | zh-Hans: 这个权重因舍入丢掉的部分，乘以它所乘的数的平均
      //@instead shift += 0 * (rounded + mean)
      shift += (value - rounded) * mean
      //@end
    }
    return Double(bias[channel]) + shift
  }
}

/// The mean of each channel over some pictures, each with so many numbers in a channel.
func channelMeans(_ pictures: [ArraySlice<Float>], _ channels: Int, _ plane: Int) -> [Double] {
  (0..<channels).map { channel in
    let sums = pictures.map { picture in
      picture.dropFirst(channel * plane).prefix(plane).reduce(0) { $0 + Double($1) }
    }
    return sums.reduce(0, +) / Double(plane * pictures.count)
  }
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let pictures = rows(try readNPY(folder, "pictures.npy"))
      var chosen = goodPictures(pictures, task)
      if task.method == "free" { chosen = usualPictures(pictures, chosen) }
      var table = Table(set: chosen)
      var means: [String: [Double]] = [:]
      for name in task.values {
        let array = try readNPY(folder, name + ".npy")
        let all = rows(array)
        let used = chosen.map { all[$0] }
        let (low, high) = (smallest(used.map { Float(smallest($0)) }), largest(used.map { Float(largest($0)) }))
        table.scales[name] = scaleAndZero(low, high, task.scheme)
        means[name] = channelMeans(used, array.shape[1], array.shape[2] * array.shape[3])
      }
      for convolution in task.convolutions {
        let name = convolution.name
        let weight = try readNPY(folder, name + ".weight.npy")
        let channels = rows(weight)
        let scales = weightScales(weight.values, channels)
        table.weights[name] = scales
        if task.correctBiases {
          table.biases[name] = correctedBiases(
            try readNPY(folder, name + ".bias.npy").values,
            channels,
            scales,
            means[convolution.reads] ?? [],
            weight.shape[2] * weight.shape[3]
          )
        }
      }
      try writeJSON(output, "table.json", table)
    }
  }
}
