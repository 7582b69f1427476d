/// One engine's column: what was measured, or why it is absent.
public struct FrameworkMeasurement: Sendable, Hashable, Codable {
  /// The engine as users type it: `pytorch`, `onnxruntime`, `openvino`, `native`, `tensorrt`.
  public var engine: String
  /// Its name for people, such as `ONNX Runtime`.
  public var title: String
  /// Its version; empty where it is absent.
  public var version: String
  /// Why nothing was measured; nil where it was.
  public var absence: String?
  /// How to get it, where it is absent and can be had.
  public var remedy: String?
  /// The time from input bytes to output bytes inside the engine.
  public var latency: LatencySummary?
  /// Pictures per second at batch 1, one run after the other.
  public var throughput: Double?
  /// The most memory that its process held, in bytes; each engine runs in a process of its own.
  public var peakMemory: Int64?
  /// Processor time per wall-clock time while running: 2 is two busy cores.
  public var processorLoad: Double?
  /// The time from the start of the process's loading to the first result, in milliseconds.
  public var coldStartMilliseconds: Double?
  /// What asking the process costs beside the engine's own time, in milliseconds: measured with
  /// requests that do nothing, and excluded from every figure above.
  public var transportMilliseconds: Double?

  /// Creates an engine's column without measurements.
  public init(
    engine: String,
    title: String,
    version: String = "",
    absence: String? = nil,
    remedy: String? = nil
  ) {
    self.engine = engine
    self.title = title
    self.version = version
    self.absence = absence
    self.remedy = remedy
  }
}
