import Glibc

/// ln(1 + exp(x)). Source: ONNX Softplus, opset 21.
public struct Softplus: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Softplus"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// ln(1 + exp(x)).
  public func apply(_ x: Double) -> Double { softplus(x) }
}

/// ln(1 + exp(x)) without overflow: max(x, 0) + ln(1 + exp(-|x|)).
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
