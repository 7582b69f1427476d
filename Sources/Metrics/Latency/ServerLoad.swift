/// Queries that arrived at random times.
public struct ServerLoad: Sendable, Hashable, Codable {
  /// The mean rate at which queries arrived, per second.
  public var offeredRate: Double
  /// The rate at which they were answered, per second.
  public var servedRate: Double
  /// The bound for the P99 of the time from arrival to answer, in milliseconds.
  public var latencyBound: Double
  /// Whether the P99 stayed within the bound.
  public var isMet: Bool
  /// Whether the rate was looked for, or given.
  public var isFound: Bool
  /// Creates the account of a load.
  public init(
    offeredRate: Double,
    servedRate: Double,
    latencyBound: Double,
    isMet: Bool,
    isFound: Bool
  ) {
    self.offeredRate = offeredRate
    self.servedRate = servedRate
    self.latencyBound = latencyBound
    self.isMet = isMet
    self.isFound = isFound
  }
}
