/// One measured configuration of a run.
public struct StoredConfiguration: Sendable, Hashable, Codable {
  /// What must be alike for two configurations to be compared: model, backend, shape and so on.
  public var key: String
  /// Its name for people.
  public var label: String
  /// Figures by name, such as `engine P50 ms`.
  public var figures: [String: Double]
  /// Series of numbers by name, such as `engine`, in the order of time.
  public var samples: [String: [Double]]

  /// Creates a configuration.
  public init(
    key: String,
    label: String,
    figures: [String: Double] = [:],
    samples: [String: [Double]] = [:]
  ) {
    self.key = key
    self.label = label
    self.figures = figures
    self.samples = samples
  }
}
