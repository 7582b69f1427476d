import Glibc

/// 1 / (1 + exp(-x)). Source: ONNX Sigmoid, opset 21.
public struct Sigmoid: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Sigmoid"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// 1 / (1 + exp(-x)).
  public func apply(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
