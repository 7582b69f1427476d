import Glibc

/// x where x ≥ 0, else alpha · x. Source: ONNX LeakyRelu, opset 21.
public struct LeakyRelu: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "LeakyRelu"
  /// The slope below zero.
  public let alpha: Float
  /// Creates the operator.
  public init(alpha: Float = 0.01) { self.alpha = alpha }
  /// Reads `alpha`.
  public init(attributes: Attributes, outputCount: Int) throws {
    alpha = try attributes.float("alpha", default: 0.01)
  }
  /// `alpha`.
  public var attributes: [String: Attribute] { ["alpha": .float(alpha)] }
  /// x where x ≥ 0, else alpha · x.
  public func apply(_ x: Double) -> Double { x < 0 ? Double(alpha) * x : x }
}
