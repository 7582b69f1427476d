public import Diagnostics
public import Formats
public import Graphs

/// What is inside a model file.
public struct InspectResult: Sendable, Codable {
  /// One fact, in words.
  public struct Fact: Sendable, Codable {
    /// What it is.
    public var name: String
    /// Its value.
    public var value: String
  }
  /// One layer of the model.
  public struct Layer: Sendable, Codable {
    /// Its place, such as `model.2`.
    public var name: String
    /// Its class or operator.
    public var kind: String
    /// Where its input comes from.
    public var from: String
    /// Its output's type.
    public var output: String
    /// Trained numbers.
    public var parameterCount: Int
    /// Millions of floating-point operations for one picture.
    public var megaOperations: Double
  }

  /// The file's path as given.
  public var file: String
  /// The facts in order: the file first.
  public var facts: [Fact]
  /// The layers, where they were asked for.
  public var layers: [Layer]
  /// Class names by class index.
  public var classNames: [String]
  /// What the network answers.
  public var task: String
  /// The model family and era.
  public var family: String
  /// Strides and anchors in input pixels, the finest level first.
  public var levels: [ModelContract.Level]
  /// The input height and width in pixels that ``gigaOperations`` and the layers hold for.
  public var imageSize: [Int]
  /// Trained numbers.
  public var parameterCount: Int
  /// Billions of floating-point operations for one picture.
  public var gigaOperations: Double
}

/// What a pickle would have imported.
public struct AuditReport: Sendable, Encodable {
  /// The globals and what became of them.
  public var audit: PickleAudit
  /// Why the file is refused, if it is.
  public var refusal: DeployError?

  private enum CodingKeys: String, CodingKey {
    case audit
    case refusal
  }

  /// Writes the audit and the refusal's message.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(audit, forKey: .audit)
    try container.encodeIfPresent(refusal?.diagnostics, forKey: .refusal)
  }
}
