import Glibc
import Graphs
import Metrics
import Passes
import Pipelines
import Tensors

/// W8: small weights whose sums leave the range of half precision, and the same network with the
/// layer scaled down and the next scaled up.
struct HalfRangeExperiment: WhyExperiment {
  static let name = "half-range"
  static let parameters = [
    WhyParameter("weight", 0.25, in: 0.2...0.5, step: 0.05),
    WhyParameter("channels", 64, in: 32...128, step: 32),
  ]
  static let chart = WhyChart(x: 0, y: [2, 3], hasLogarithmicX: true)
  private static let pixels = 4
  private let greatestHalf = 65504.0

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    progress(.began(stage: "W8", total: nil))
    let (weight, channels) = (settings["weight"], settings.count("channels"))
    func network(shrink: Float) throws -> Graph {
      try Self.network(channels, Float(weight), shrink: shrink)
    }
    let float = try network(shrink: 1)
    let half = try PassManager([CastToHalf()]).run(on: float).graph
    let mended = try PassManager([CastToHalf()]).run(on: try network(shrink: 4)).graph
    // Multiples of the input whose sum is the greatest number, which is 1 for the question's own network.
    let unit = Float(greatestHalf / pow(Double(channels) * weight, 4))
    let inputs = [0.25, 0.5, 0.9, 1.1, 2, 3].map { $0 * unit }
    var rows: [[Double]] = []
    for input in inputs {
      let truth = try Self.values(float, input)
      let largest = truth["amplified"]?.map { abs(Double($0)) }.max() ?? 0
      let result = truth["y"] ?? []
      let (plain, repaired) = (try Self.values(half, input), try Self.values(mended, input))
      let size = result.map { abs(Double($0)) }.max() ?? 1
      let error = zip(repaired["y"] ?? [], result).map { abs(Double($0 - $1)) }.max() ?? .nan
      rows.append([
        Double(input), largest, Double(plain["y"]?.count { !$0.isFinite } ?? 0),
        Double(repaired["y"]?.count { !$0.isFinite } ?? 0), error / size * 100,
      ])
    }
    var (low, high) = (0.25 * unit, 3 * unit)
    for _ in 0..<12 {
      let middle = (low + high) / 2
      let isBroken = try Self.values(half, middle)["y"]?.contains { !$0.isFinite } ?? true
      (low, high) = isBroken ? (low, middle) : (middle, high)
    }
    progress(.finished(summary: "\(inputs.count) inputs, three networks"))
    let broken = rows.filter { $0[2] > 0 }
    return WhyFindings(
      value: Double(high),
      columns: [
        "input", "largest activation", "NaN in float16", "NaN after scaling", "error then (%)",
      ],
      rows: rows,
      agrees: !broken.isEmpty && broken.allSatisfy { $0[1] > greatestHalf }
        && rows.allSatisfy { $0[2] > 0 || $0[1] < 65536 } && rows.allSatisfy { $0[3] == 0 },
      figures: [
        "limit": Double(high), "largest": rows.last?[1] ?? 0,
        "error": rows.map { $0[4] }.max() ?? 0,
      ]
    )
  }

  /// Four layers that add up all channels (64 · 0.25 = 16), one that takes their mean and divides by 16, and
  /// what differs from the mean over the picture.
  /// - Parameter shrink: what the fourth layer's weights are divided by, and the fifth's multiplied.
  private static func network(
    _ channels: Int,
    _ weight: Float,
    shrink: Float
  ) throws -> Graph {
    var graph = Graph(name: "gains")
    var random = SplitMix(seed: 8)
    let shape = Shape([1, channels, pixels, pixels])
    var value = graph.addInput("x", TensorType(.float32, shape))
    for layer in 0..<5 {
      let size = layer < 4 ? weight : 1 / (16 * Float(channels))
      let factor = layer == 3 ? 1 / shrink : layer == 4 ? shrink : 1
      let weights = (0..<channels * channels).map { _ in
        size * factor * Float(0.9 + 0.2 * random.fraction())
      }
      let form = Shape([channels, channels, 1, 1])
      let constant = graph.addConstant("w\(layer)", try Tensor(weights, shape: form))
      let op = Conv(kernelShape: [1, 1])
      value = try graph.add(op, [value, constant, nil], name: "conv\(layer)")[0]
      if layer == 3 { graph.markOutput(value, named: "amplified") }
    }
    let axes = graph.addConstant("axes", try Tensor([Int64(2), 3], shape: [2]))
    let mean = try graph.add(ReduceMean(), [value, axes], name: "mean")[0]
    graph.markOutput(try graph.add(Sub(), [value, mean], name: "difference")[0], named: "y")
    return graph
  }

  /// A picture whose left half is of one brightness and whose right half of 0.9 of it.
  private static func values(_ graph: Graph, _ input: Float) throws -> [String: [Float]] {
    guard let shape = graph.inputs.first.flatMap({ graph[$0].type.shape }) else { return [:] }
    let numbers = (0..<shape.count).map { $0 % pixels < pixels / 2 ? input : input * 0.9 }
    let type = graph.inputs.first.map { graph[$0].type.scalarType } ?? .float32
    let tensor = try Tensor(numbers, shape: shape).converted(to: type)
    return try graph.evaluate(inputs: ["x": tensor]).mapValues { try $0.floats() }
  }
}
