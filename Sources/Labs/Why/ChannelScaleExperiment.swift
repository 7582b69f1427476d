import Glibc
import Graphs
import Metrics
import Pipelines
import Tensors

/// W9: weights whose channels differ a hundredfold, in 8 bits with one scale and with one per channel.
struct ChannelScaleExperiment: WhyExperiment {
  static let name = "channel-scales"

  func run(model: String, progress: @escaping ProgressHandler) async throws -> WhyFindings {
    progress(.began(stage: "W9", total: nil))
    let (channels, count) = (32, 288)
    var random = SplitMix(seed: 9)
    // Sizes from 1 to 100, evenly in their logarithm.
    let sizes = (0..<channels).map { Float(pow(100, Double($0) / Double(channels - 1))) }
    let weights = sizes.map { size in
      (0..<count).map { _ in size * Float(random.fraction() * 2 - 1) }
    }
    let largest = weights.map { channel in channel.map { abs($0) }.max() ?? 1 }
    let single = try Self.rounded(weights, scales: largest.map { _ in (largest.max() ?? 1) / 127 })
    let several = try Self.rounded(weights, scales: largest.map { $0 / 127 })
    var rows: [[Double]] = []
    for channel in 0..<channels {
      let (a, b) = (
        Self.decibels(weights[channel], single[channel]),
        Self.decibels(weights[channel], several[channel])
      )
      rows.append([Double(sizes[channel]), a, b, b - a])
    }
    progress(.finished(summary: "\(channels) channels"))
    let gain = rows.reduce(0) { $0 + $1[3] } / Double(channels)
    return WhyFindings(
      value: gain,
      columns: ["size of the channel", "SQNR one scale (dB)", "SQNR own scale (dB)", "gain (dB)"],
      rows: rows.enumerated().filter { $0.offset % 4 == 0 || $0.offset == channels - 1 }.map(
        \.element
      ),
      agrees: rows[0][3] > 30 && abs(rows[channels - 1][3]) < 3,
      figures: ["gain": gain, "smallest": rows[0][3]]
    )
  }

  /// What is left of weights after QuantizeLinear and DequantizeLinear.
  private static func rounded(_ weights: [[Float]], scales: [Float]) throws -> [[Float]] {
    let shape = Shape([weights.count, weights[0].count])
    var graph = Graph(name: "qdq")
    let w = graph.addInput("w", TensorType(.float32, shape))
    let scale = graph.addConstant("s", try Tensor(scales, shape: [scales.count]))
    let zero = graph.addConstant(
      "z",
      try Tensor([Int8](repeating: 0, count: scales.count), shape: [scales.count])
    )
    let q = try graph.add(QuantizeLinear(axis: 0, outputType: .int8), [w, scale, zero], name: "q")
    let d = try graph.add(DequantizeLinear(axis: 0), [q[0], scale, zero], name: "d")
    graph.markOutput(d[0], named: "y")
    let input = try Tensor(weights.flatMap(\.self), shape: shape)
    let values = try graph.evaluate(inputs: ["w": input])["y"]?.scalars(of: Float.self) ?? []
    let count = weights[0].count
    return weights.indices.map { Array(values[$0 * count..<($0 + 1) * count]) }
  }

  /// Power of the signal over power of the error.
  private static func decibels(_ signal: [Float], _ rounded: [Float]) -> Double {
    let power = signal.reduce(0.0) { $0 + Double($1) * Double($1) }
    let error = zip(signal, rounded).reduce(0.0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
    return 10 * log10(power / max(error, 1e-30))
  }
}
