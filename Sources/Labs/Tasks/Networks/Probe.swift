import Graphs
import Metrics
import Tensors

/// An input on which two networks are compared: pictures of one size, drawn from a seed.
struct Probe: Sendable, Hashable {
  var batch: Int
  var channels = 3
  var height: Int
  var width: Int
  var seed: UInt64

  var shape: Shape { [batch, channels, height, width] }

  /// [N, C, H, W], each number from -1 to 1.
  func tensor() throws -> Tensor {
    var random = SplitMix(seed: seed)
    let numbers = (0..<shape.count).map { _ in Float(2 * random.fraction() - 1) }
    return try Tensor(numbers, shape: shape)
  }

  var words: String { "\(batch)×\(channels)×\(height)×\(width)" }
}

/// Numbers for weights.
struct WeightDraw {
  /// Numbers between two others.
  static func numbers(
    _ count: Int,
    _ low: Double,
    _ high: Double,
    _ random: inout SplitMix
  ) -> [Float] {
    (0..<count).map { _ in Float(low + (high - low) * random.fraction()) }
  }

  /// Weights [O, I, k, k] whose sums stay of the size of what they are computed from.
  static func convolution(_ shape: [Int], _ random: inout SplitMix) -> [Float] {
    let bound = (3 / Double(shape.dropFirst().reduce(1, *))).squareRoot() * 1.4
    return numbers(shape.reduce(1, *), -bound, bound, &random)
  }
}
