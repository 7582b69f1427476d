/// One model on several engines, every cell measured by the same code.
public struct FrameworkComparison: Sendable, Hashable, Codable {
  /// The model's file name, without its folder.
  public var model: String
  /// The shape of the input, such as [1, 3, 640, 640].
  public var inputShape: [Int]
  /// Where the inputs come from: pictures or random numbers, with their count.
  public var inputs: String
  /// Threads inside one run, the same for all.
  public var threadCount: Int
  /// The element type in which all compute, such as `float32`.
  public var precision: String
  /// What is compared with what, and how, in sentences: rounds, order, warm-up.
  public var method: String
  /// The machine: name to text (processor, cores, governor, load).
  public var environment: [String: String]
  /// The engines, measured or absent, in the order asked for.
  public var engines: [FrameworkMeasurement]
  /// Each engine against the first measured one.
  public var comparisons: [FrameworkRatio]
  /// What was made sure of before anything was measured.
  public var fairness: [FairnessCheck]

  /// Creates a comparison.
  public init(
    model: String,
    inputShape: [Int],
    inputs: String,
    threadCount: Int,
    precision: String,
    method: String,
    environment: [String: String] = [:],
    engines: [FrameworkMeasurement] = [],
    comparisons: [FrameworkRatio] = [],
    fairness: [FairnessCheck] = []
  ) {
    self.model = model
    self.inputShape = inputShape
    self.inputs = inputs
    self.threadCount = threadCount
    self.precision = precision
    self.method = method
    self.environment = environment
    self.engines = engines
    self.comparisons = comparisons
    self.fairness = fairness
  }

  /// Whether every fairness check holds.
  public var isFair: Bool { fairness.allSatisfy(\.passes) }
}
