/// The model that a report is about.
public struct Subject: Sendable, Codable {
  /// The file's name without its folder.
  public var file: String
  /// The file's size in bytes.
  public var byteCount: Int
  /// The model family and era.
  public var family: String
  /// What the network answers.
  public var task: String
  /// Class names by class index.
  public var classNames: [String]
  /// Trained numbers.
  public var parameterCount: Int
  /// Billions of floating-point operations for one picture at ``inputSize``.
  public var gigaOperations: Double
  /// Input height and width in pixels.
  public var inputSize: [Int]

  /// Creates a description.
  public init(
    file: String,
    byteCount: Int,
    family: String,
    task: String,
    classNames: [String],
    parameterCount: Int,
    gigaOperations: Double,
    inputSize: [Int]
  ) {
    self.file = file
    self.byteCount = byteCount
    self.family = family
    self.task = task
    self.classNames = classNames
    self.parameterCount = parameterCount
    self.gigaOperations = gigaOperations
    self.inputSize = inputSize
  }
}
