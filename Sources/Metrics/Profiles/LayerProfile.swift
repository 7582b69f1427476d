/// Where the time of one network goes on one backend, layer by layer.
public struct LayerProfile: Sendable, Hashable, Codable {
  /// The model's file name, without its folder.
  public var model: String
  /// The backend's name, such as `onnxruntime`, or `tensorrt` for an imported profile.
  public var backend: String
  /// The engine's version; empty where unknown.
  public var version: String
  /// Whose clock the times come from, such as `ONNX Runtime's profile of single runs`.
  public var source: String
  /// The shape of the first input, such as [1, 3, 640, 640]; empty where unknown.
  public var inputShape: [Int]
  /// Threads inside one run; nil where the engine chose or it is not known.
  public var threadCount: Int?
  /// Timed runs behind each median.
  public var runCount: Int
  /// The element type in which the network computes most, such as `float32`.
  public var precision: String
  /// The layers in the order in which they run.
  public var layers: [LayerMeasurement]
  /// A whole observed run, in milliseconds: the layers' medians and the median of what lay between
  /// them; nil where no times are known.
  public var totalMilliseconds: Double?
  /// The median time of a whole run that nobody observed, in milliseconds: what observation
  /// costs is the difference. Nil where it was not measured.
  public var unobservedMilliseconds: Double?
  /// The roof that the layers are measured against; nil where it was not measured.
  public var peaks: MachinePeaks?

  /// Creates a profile.
  public init(
    model: String,
    backend: String,
    version: String,
    source: String,
    inputShape: [Int] = [],
    threadCount: Int? = nil,
    runCount: Int = 0,
    precision: String = "",
    layers: [LayerMeasurement],
    totalMilliseconds: Double? = nil,
    unobservedMilliseconds: Double? = nil,
    peaks: MachinePeaks? = nil
  ) {
    self.model = model
    self.backend = backend
    self.version = version
    self.source = source
    self.inputShape = inputShape
    self.threadCount = threadCount
    self.runCount = runCount
    self.precision = precision
    self.layers = layers
    self.totalMilliseconds = totalMilliseconds
    self.unobservedMilliseconds = unobservedMilliseconds
    self.peaks = peaks
  }

  /// The sum over the layers, in milliseconds.
  public var layerMilliseconds: Double { layers.reduce(0) { $0 + ($1.milliseconds ?? 0) } }
  /// What the layers do not explain of the whole run, in milliseconds: "between layers". Never
  /// negative: medians of parts may add up to more than the median of the whole.
  public var betweenLayersMilliseconds: Double? {
    totalMilliseconds.map { max(0, $0 - layerMilliseconds) }
  }
  /// The element type in which the layers spend most of their time, as they really ran; empty where
  /// none is known.
  public var dominantPrecision: String {
    var times: [String: Double] = [:]
    for layer in layers where !layer.precision.isEmpty {
      times[layer.precision, default: 0] += layer.milliseconds ?? 0
    }
    return times.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
  }
  /// A layer's share of the whole run, 0 to 1; nil where times are not known.
  public func share(of layer: LayerMeasurement) -> Double? {
    guard let time = layer.milliseconds else { return nil }
    let whole = max(totalMilliseconds ?? 0, layerMilliseconds)
    return whole > 0 ? time / whole : nil
  }
}
