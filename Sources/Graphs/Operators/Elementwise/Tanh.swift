import Glibc

/// tanh(x). Source: ONNX Tanh, opset 21.
public struct Tanh: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Tanh"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// tanh(x).
  public func apply(_ x: Double) -> Double { tanh(x) }
}
