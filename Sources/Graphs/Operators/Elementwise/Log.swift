import Glibc

/// The natural logarithm of x. Source: ONNX Log, opset 21.
public struct Log: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Log"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// The natural logarithm of x.
  public func apply(_ x: Double) -> Double { log(x) }
}
