/// One model in several precisions: accuracy against speed against size.
public struct PrecisionComparison: Sendable, Hashable, Codable {
  /// The model's file name, without its folder.
  public var model: String
  /// The data set's name.
  public var dataset: String
  /// Pictures that accuracy was measured on.
  public var pictureCount: Int
  /// The backend's name.
  public var backend: String
  /// The backend's version.
  public var backendVersion: String
  /// The shape of the network's input in the latency measurement, [N, 3, H, W].
  public var inputShape: [Int]
  /// Threads inside one run, the same for all.
  public var threadCount: Int
  /// How accuracy and speed were measured, in sentences.
  public var method: String
  /// The precisions in the order asked for, measured or absent.
  public var rows: [PrecisionMeasurement]

  /// Creates a comparison.
  public init(
    model: String,
    dataset: String,
    pictureCount: Int,
    backend: String,
    backendVersion: String,
    inputShape: [Int],
    threadCount: Int,
    method: String,
    rows: [PrecisionMeasurement]
  ) {
    self.model = model
    self.dataset = dataset
    self.pictureCount = pictureCount
    self.backend = backend
    self.backendVersion = backendVersion
    self.inputShape = inputShape
    self.threadCount = threadCount
    self.method = method
    self.rows = rows
  }
}
