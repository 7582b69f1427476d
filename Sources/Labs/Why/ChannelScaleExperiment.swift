import Glibc
import Graphs
import Metrics
import Pipelines
import Tensors

/// W9: weights whose channels differ a hundredfold, in 8 bits with one scale and with one per channel.
struct ChannelScaleExperiment: WhyExperiment {
  static let name = "channel-scales"
  static let parameters = [
    WhyParameter("spread", 100, in: 1...2000), WhyParameter("channels", 32, in: 4...64, step: 4),
    WhyParameter("bits", 8, in: 3...8),
  ]
  static let chart = WhyChart(x: 0, y: [1, 2], hasLogarithmicX: true)

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    progress(.began(stage: "W9", total: nil))
    let (channels, count) = (settings.count("channels"), 288)
    let spread = settings["spread"]
    // The largest step, such as 127.
    let levels = Float((1 << (settings.count("bits") - 1)) - 1)
    var random = SplitMix(seed: 9)
    // Sizes from 1 on, evenly in their logarithm.
    let sizes = (0..<channels).map { Float(pow(spread, Double($0) / Double(channels - 1))) }
    let weights = sizes.map { size in
      (0..<count).map { _ in size * Float(random.fraction() * 2 - 1) }
    }
    let largest = weights.map { channel in channel.map { abs($0) }.max() ?? 1 }
    let single = try Self.rounded(
      weights,
      scales: largest.map { _ in (largest.max() ?? 1) / levels }
    )
    let several = try Self.rounded(weights, scales: largest.map { $0 / levels })
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
      rows: rows.enumerated().filter {
        $0.offset % max(1, channels / 8) == 0 || $0.offset == channels - 1
      }.map(
        \.element
      ),
      // The smallest channel loses 20 dB for each tenfold, the largest nothing.
      agrees: rows[0][3] > 15 * log10(spread) - 1 && abs(rows[channels - 1][3]) < 3,
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
