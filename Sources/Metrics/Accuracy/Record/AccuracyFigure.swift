/// One named figure, 0 ... 1.
public struct AccuracyFigure: Sendable, Hashable, Codable {
  /// Its name, such as `AP50`.
  public var name: String
  /// Its value; -1 where the data set holds nothing that it could be computed from.
  public var value: Double
  /// Where the figure would lie on other pictures of the same kind.
  public var interval: AccuracyInterval?

  /// Creates a figure.
  public init(_ name: String, _ value: Double, interval: AccuracyInterval? = nil) {
    self.name = name
    self.value = value
    self.interval = interval
  }

  /// Whether the data set held what the figure is computed from.
  public var isDefined: Bool { value >= 0 }
}
