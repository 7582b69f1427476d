/// A GPU, sampled several times a second while something ran. Figures that the driver does not
/// give are nil.
public struct GPUUse: Sendable, Hashable, Codable {
  /// The device's name.
  public var name: String
  /// The driver's version.
  public var driver: String
  /// How often it was looked at.
  public var sampleCount: Int
  /// The mean share of time with a kernel running, in per cent.
  public var utilization: Double?
  /// The most memory in use on the device, by all processes, in bytes.
  public var peakMemoryBytes: Int64?
  /// Memory in use on the device when it was first looked at, after the warm-up, in bytes.
  public var memoryBytesAtStart: Int64?
  /// Memory in use when it was last looked at: more than at the start means growth.
  public var memoryBytesAtEnd: Int64?
  /// The mean clock of the multiprocessors, in MHz.
  public var clockMegahertz: Double?
  /// The mean power, in watts.
  public var powerWatts: Double?
  /// The highest temperature, in degrees Celsius.
  public var temperature: Double?
  /// Creates an account.
  public init(name: String, driver: String, sampleCount: Int) {
    self.name = name
    self.driver = driver
    self.sampleCount = sampleCount
  }
}
