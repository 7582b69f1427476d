import Glibc

/// exp(x). Source: ONNX Exp, opset 21.
public struct Exp: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Exp"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// exp(x).
  public func apply(_ x: Double) -> Double { exp(x) }
}
