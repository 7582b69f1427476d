/// A fixed piece of arithmetic timed between the network's runs, in both of two runs that are
/// compared at different times: what slows it down slows the network down too.
public struct ControlSeries: Sendable, Hashable, Codable {
  /// Which arithmetic: series of different kernels do not compare.
  public var kernel: String
  /// Times of the kernel, in milliseconds, one before each leg of the network.
  public var controlMilliseconds: [Double]
  /// The legs: the median time of a few runs of the network, in milliseconds, as many.
  public var networkMilliseconds: [Double]
  /// Creates a series.
  public init(kernel: String, controlMilliseconds: [Double], networkMilliseconds: [Double]) {
    self.kernel = kernel
    self.controlMilliseconds = controlMilliseconds
    self.networkMilliseconds = networkMilliseconds
  }
}
