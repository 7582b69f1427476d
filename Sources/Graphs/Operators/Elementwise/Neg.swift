import Glibc

/// -x. Source: ONNX Neg, opset 21.
public struct Neg: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Neg"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Integers too.
  public static let acceptsIntegers = true
  /// The same, wrapping.
  public func applyInteger(_ x: Int64) -> Int64 { 0 &- x }
  /// -x.
  public func apply(_ x: Double) -> Double { -x }
}
