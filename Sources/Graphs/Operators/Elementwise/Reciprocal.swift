import Glibc

/// 1 / x. Source: ONNX Reciprocal, opset 21.
public struct Reciprocal: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Reciprocal"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// 1 / x.
  public func apply(_ x: Double) -> Double { 1 / x }
}
