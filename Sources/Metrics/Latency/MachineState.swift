/// The machine at one moment: what latency depends on beside the program.
public struct MachineState: Sendable, Hashable, Codable {
  /// The processor's name.
  public var processor: String
  /// The number of processors that this process may use.
  public var processorCount: Int
  /// The kernel's release.
  public var kernel: String
  /// How the clock speed is chosen, such as `performance`; nil where the system does not say.
  public var governor: String?
  /// The clock of the first processor, in MHz; nil where the system does not say.
  public var megahertz: Double?
  /// Runnable tasks, the mean of the last minute.
  public var loadAverage: Double
  /// The highest temperature of a thermal zone, in degrees Celsius; nil where there is none.
  public var temperature: Double?
  /// The share of processor time that the host gave to others since the state before; nil for the
  /// first.
  public var stealShare: Double?
  /// The share of processor time that other processes took since the state before; nil for the
  /// first.
  public var foreignShare: Double?
  /// Times that this process was interrupted since the state before; nil for the first.
  public var contextSwitches: Int?

  /// Creates a state.
  public init(
    processor: String = "unknown",
    processorCount: Int = 0,
    kernel: String = "unknown",
    governor: String? = nil,
    megahertz: Double? = nil,
    loadAverage: Double = 0,
    temperature: Double? = nil
  ) {
    self.processor = processor
    self.processorCount = processorCount
    self.kernel = kernel
    self.governor = governor
    self.megahertz = megahertz
    self.loadAverage = loadAverage
    self.temperature = temperature
  }
}
