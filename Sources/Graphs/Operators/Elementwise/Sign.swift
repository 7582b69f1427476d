import Glibc

/// -1, 0 or 1 by the sign of x. Source: ONNX Sign, opset 21.
public struct Sign: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Sign"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Integers too.
  public static let acceptsIntegers = true
  /// The same.
  public func applyInteger(_ x: Int64) -> Int64 { x.signum() }
  /// -1, 0 or 1 by the sign of x.
  public func apply(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x }
}
