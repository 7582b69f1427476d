/// The first build and the first run, in a process that had not run the network before.
public struct ColdStart: Sendable, Hashable, Codable {
  /// From the graph (or file) to a session, in milliseconds.
  public var buildMilliseconds: Double
  /// The first run, in milliseconds.
  public var firstRunMilliseconds: Double
  /// Creates a cold start.
  public init(buildMilliseconds: Double, firstRunMilliseconds: Double) {
    self.buildMilliseconds = buildMilliseconds
    self.firstRunMilliseconds = firstRunMilliseconds
  }
}
