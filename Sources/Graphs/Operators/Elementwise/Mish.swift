import Glibc

/// x · tanh(ln(1 + exp(x))). Source: ONNX Mish, opset 21.
public struct Mish: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Mish"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// x · tanh(ln(1 + exp(x))).
  public func apply(_ x: Double) -> Double { x * tanh(softplus(x)) }
}
