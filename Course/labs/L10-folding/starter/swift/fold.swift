// Lab 10: a convolution and the normalization after it become one convolution.
// Helpers: TensorIO.swift

import Foundation

struct Task: Decodable {
  var epsilon: Double
}

/// What a normalization knows of each channel.
struct Normalization {
  var gamma, beta, mean, variance: [Double]
  var epsilon: Double
}

/// The weights and the bias of the one convolution. `weight` holds as many numbers for each output
/// channel, one channel after the other.
func fold(_ weight: [Double], _ bias: [Double], _ norm: Normalization) -> (weight: [Double], bias: [Double]) {
  let channels = norm.gamma.count
  let perChannel = weight.count / channels
  var (newWeight, newBias): ([Double], [Double]) = ([], [])
  for channel in 0..<channels {
    let own = weight[channel * perChannel..<(channel + 1) * perChannel]
    //@fade 3 en: by what the normalization multiplies this channel | zh-Hans: 归一化给这个通道乘上的系数
    //@instead let factor = 1.0
    let factor = norm.gamma[channel] / (norm.variance[channel] + norm.epsilon).squareRoot()
    //@end
    //@fade 2 en: every weight of this channel, multiplied | zh-Hans: 这个通道的每个权重都乘上它
    //@instead newWeight += own
    newWeight += own.map { $0 * factor }
    //@end
    //@fade 3 en: what the normalization makes of the old bias | zh-Hans: 归一化之后，原来的偏置变成多少
    //@instead newBias.append(bias[channel] * factor)
    newBias.append((bias[channel] - norm.mean[channel]) * factor + norm.beta[channel])
    //@end
  }
  return (newWeight, newBias)
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      func vector(_ name: String) throws -> [Double] {
        try readNPY(folder, name + ".npy").values.map(Double.init)
      }
      let weight = try readNPY(folder, "weight.npy")
      let hasBias = FileManager.default.fileExists(atPath: "\(folder)/bias.npy")
      let bias = hasBias ? try vector("bias") : [Double](repeating: 0, count: weight.shape[0])
      let norm = Normalization(
        gamma: try vector("gamma"),
        beta: try vector("beta"),
        mean: try vector("mean"),
        variance: try vector("variance"),
        epsilon: task.epsilon
      )
      let folded = fold(weight.values.map(Double.init), bias, norm)
      let newWeight = Numbers(shape: weight.shape, values: folded.weight.map(Float.init))
      try writeNPY(output, "weight.npy", newWeight)
      let newBias = Numbers(shape: [weight.shape[0]], values: folded.bias.map(Float.init))
      try writeNPY(output, "bias.npy", newBias)
    }
  }
}
