import Glibc

/// The nearest integer, halves to even. Source: ONNX Round, opset 21.
public struct Round: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Round"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// The nearest integer, halves to even.
  public func apply(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
}
