import Backends
import BackendsNative
import Graphs
import Metrics
import Passes
import Pipelines
import Tensors

/// W11: one convolution after another in float32 and in 8 bits, with its conversions.
struct ByteSpeedExperiment: WhyExperiment {
  static let name = "byte-speed"

  static let parameters = [
    WhyParameter("channels", 32, in: 8...128, step: 8),
    WhyParameter("size", 48, in: 16...96, step: 16),
  ]
  static let chart = WhyChart(y: [2])

  private struct Layer {
    var inputs, outputs: Int
    /// Height and width of the pictures.
    var size: Int
    var groups = 1

    var label: String {
      "\(inputs) → \(outputs), \(size)²" + (groups > 1 ? ", each channel by itself" : "")
    }
  }

  /// The second is the one that the question asks for.
  private static func layers(_ settings: WhySettings) -> [Layer] {
    let channels = settings.count("channels")
    return [
      Layer(inputs: 3, outputs: 8, size: 96),
      Layer(inputs: channels, outputs: channels, size: settings.count("size"), groups: channels),
      Layer(inputs: 16, outputs: 16, size: 48), Layer(inputs: 64, outputs: 64, size: 24),
      Layer(inputs: 128, outputs: 128, size: 24),
    ]
  }

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let layers = Self.layers(settings)
    progress(.began(stage: "W11", total: layers.count))
    var rows: [[Double]] = []
    var ratios: [BlockBootstrap.Estimate] = []
    for (index, layer) in layers.enumerated() {
      let graph = try Self.convolution(layer)
      let ranges = ["x": QuantizationRange(lower: -1, upper: 1)]
      let pass = InsertQuantization(ranges: ranges, scheme: .asymmetric)
      let bytes = try PassManager([pass]).run(on: graph).graph
      let shape = Shape([1, layer.inputs, layer.size, layer.size])
      var sessions: [any Session] = []
      for network in [graph, bytes] {
        var configuration = BuildConfiguration()
        (configuration.threadCount, configuration.profilesLayers) = (1, true)
        let plan = try await NativeBackend().build(network, configuration: configuration).plan
        let session = try plan.makeSession()
        _ = try session.input("x", shape: shape).copy(try Self.numbers(shape, seed: 3))
        sessions.append(session)
      }
      let times = try TurnTimes(
        seconds: 0.6,
        sessions.map { session in { try session.run(observer: nil) } },
        progress: { _ in }
      )
      let ratio = times.ratio(0, to: 1)
      ratios.append(ratio)
      let watch = ConversionWatch()
      for _ in 0..<20 { try sessions[1].run(observer: watch) }
      rows.append([times.median(0), times.median(1), ratio.value, watch.share * 100])
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(rows.count) layers, both ways"))
    let values = ratios.map(\.value)
    return WhyFindings(
      value: values[1],
      columns: ["float32 (ms)", "8 bits (ms)", "times as fast", "conversions (%)"],
      rows: rows,
      agrees: (ratios.last?.lower ?? 0) > ratios[1].upper && rows[1][3] > (rows.last?[3] ?? 100),
      figures: [
        "depthwise": values[1], "large": values[4], "share": rows[1][3], "least": rows[4][3],
      ],
      labels: layers.map(\.label)
    )
  }

  private static func numbers(_ shape: Shape, seed: UInt64) throws -> Tensor {
    var random = SplitMix(seed: seed)
    return try Tensor((0..<shape.count).map { _ in Float(random.fraction() * 2 - 1) }, shape: shape)
  }

  private static func convolution(_ layer: Layer) throws -> Graph {
    var graph = Graph(name: "convolution")
    let shape = Shape([1, layer.inputs, layer.size, layer.size])
    let x = graph.addInput("x", TensorType(.float32, shape))
    let form = Shape([layer.outputs, layer.inputs / layer.groups, 3, 3])
    let weights = graph.addConstant("w", try numbers(form, seed: 11))
    let op = Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1], groups: layer.groups)
    graph.markOutput(try graph.add(op, [x, weights, nil], name: "conv")[0], named: "y")
    return graph
  }
}

/// How much of a run is spent on other layers than the convolution.
private final class ConversionWatch: SessionObserver {
  private var (all, convolution) = (0.0, 0.0)

  var share: Double { all > 0 ? 1 - convolution / all : 0 }

  func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {
    let time = duration / .milliseconds(1)
    all += time
    if layer.provenance.nodes.contains("conv") { convolution += time }
  }
}
