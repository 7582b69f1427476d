import Glibc

/// The magnitude of x. Source: ONNX Abs, opset 21.
public struct Abs: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Abs"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Integers too.
  public static let acceptsIntegers = true
  /// The same, wrapping.
  public func applyInteger(_ x: Int64) -> Int64 { x < 0 ? 0 &- x : x }
  /// The magnitude of x.
  public func apply(_ x: Double) -> Double { abs(x) }
}
