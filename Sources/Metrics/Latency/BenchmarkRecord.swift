/// One configuration of one model, measured: what `bench` writes and reports draw.
///
/// Two latencies are told apart everywhere. *Engine*: one run of the network on an input that
/// lies ready. *End to end*: from the bytes of picture files to detections: decoding,
/// letterboxing, the network, suppression.
public struct BenchmarkRecord: Sendable, Hashable, Codable {
  /// What sets it apart from the other records of a run: `onnxruntime · batch 1 · 2 threads`.
  public var label: String
  /// The model's file name, without its folder.
  public var model: String
  /// The backend's name.
  public var backend: String
  /// The backend's version.
  public var backendVersion: String
  /// How queries arrive.
  public var scenario: BenchmarkScenario
  /// Pictures per run of the network.
  public var batch: Int
  /// Threads inside one run; nil where the backend chose.
  public var threadCount: Int?
  /// The element type of the network's input, or what its weights hold: `float32`.
  public var precision: String
  /// The shape of the network's input, [N, 3, H, W].
  public var inputShape: [Int]
  /// Where the pictures came from, with their count.
  public var inputs: String
  /// One run of the network.
  public var engine: LatencySeries?
  /// One query from file bytes to detections.
  public var endToEnd: LatencySeries?
  /// Why there is no end-to-end latency, where there is none.
  public var endToEndAbsence: String?
  /// The parts of the end-to-end latency: means in milliseconds per query, in the order of work.
  public var parts: [Part]
  /// Pictures per second through the engine.
  public var engineThroughput: Double?
  /// Pictures per second from file bytes to detections.
  public var endToEndThroughput: Double?
  /// The first time, which later runs do not pay.
  public var coldStart: ColdStart?
  /// How the warm-up went.
  public var warmUp: WarmUp?
  /// Against MLPerf's query counts.
  public var queries: QueryRule?
  /// The offered load, for the scenario `server`.
  public var server: ServerLoad?
  /// What the run used of the machine.
  public var resources: ResourceUse?
  /// The machine before the run.
  public var machineBefore: MachineState?
  /// The machine after the run.
  public var machineAfter: MachineState?
  /// What makes the figures doubtful, in sentences.
  public var warnings: [String]
  /// The reference kernel timed in turns with the network, to compare runs at different times.
  public var control: ControlSeries?

  /// A part of the end-to-end latency.
  public struct Part: Sendable, Hashable, Codable {
    /// `decode`, `letterbox`, `infer`, `suppress`.
    public var name: String
    /// The mean time per query, in milliseconds.
    public var milliseconds: Double
    /// Creates a part.
    public init(name: String, milliseconds: Double) {
      self.name = name
      self.milliseconds = milliseconds
    }
  }

  /// Creates a record without measurements.
  public init(
    label: String,
    model: String,
    backend: String,
    backendVersion: String = "",
    scenario: BenchmarkScenario = .single,
    batch: Int = 1,
    threadCount: Int? = nil,
    precision: String = "float32",
    inputShape: [Int] = [],
    inputs: String = ""
  ) {
    self.label = label
    self.model = model
    self.backend = backend
    self.backendVersion = backendVersion
    self.scenario = scenario
    self.batch = batch
    self.threadCount = threadCount
    self.precision = precision
    self.inputShape = inputShape
    self.inputs = inputs
    parts = []
    warnings = []
  }
}
