import Glibc

/// max(0, x). Source: ONNX Relu, opset 21.
public struct Relu: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Relu"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Integers too.
  public static let acceptsIntegers = true
  /// The same.
  public func applyInteger(_ x: Int64) -> Int64 { max(0, x) }
  /// max(0, x).
  public func apply(_ x: Double) -> Double { x < 0 ? 0 : x }
}
