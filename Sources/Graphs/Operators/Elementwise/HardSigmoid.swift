/// max(0, min(1, alpha · x + beta)). Source: ONNX HardSigmoid, opset 21.
public struct HardSigmoid: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "HardSigmoid"
  /// The slope.
  public let alpha: Float
  /// The value at zero.
  public let beta: Float
  /// Creates the operator.
  public init(alpha: Float = 0.2, beta: Float = 0.5) {
    self.alpha = alpha
    self.beta = beta
  }
  /// Reads `alpha` and `beta`.
  public init(attributes: Attributes, outputCount: Int) throws {
    alpha = try attributes.float("alpha", default: 0.2)
    beta = try attributes.float("beta", default: 0.5)
  }
  /// `alpha` and `beta`.
  public var attributes: [String: Attribute] { ["alpha": .float(alpha), "beta": .float(beta)] }
  /// max(0, min(1, alpha · x + beta)).
  public func apply(_ x: Double) -> Double { max(0, min(1, Double(alpha) * x + Double(beta))) }
}
