import Glibc

/// The smallest integer not below x. Source: ONNX Ceil, opset 21.
public struct Ceil: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Ceil"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// The smallest integer not below x.
  public func apply(_ x: Double) -> Double { ceil(x) }
}
