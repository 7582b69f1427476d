import Glibc

/// x where x ≥ 0, else alpha · (exp(x) - 1). Source: ONNX Elu, opset 21.
public struct Elu: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Elu"
  /// The limit below zero, negated.
  public let alpha: Float
  /// Creates the operator.
  public init(alpha: Float = 1) { self.alpha = alpha }
  /// Reads `alpha`.
  public init(attributes: Attributes, outputCount: Int) throws {
    alpha = try attributes.float("alpha", default: 1)
  }
  /// `alpha`.
  public var attributes: [String: Attribute] { ["alpha": .float(alpha)] }
  /// x where x ≥ 0, else alpha · (exp(x) - 1).
  public func apply(_ x: Double) -> Double { x < 0 ? Double(alpha) * expm1(x) : x }
}
