import Glibc

/// The error function of x. Source: ONNX Erf, opset 21.
public struct Erf: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Erf"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// The error function of x.
  public func apply(_ x: Double) -> Double { erf(x) }
}
