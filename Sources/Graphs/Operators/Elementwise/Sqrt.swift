import Glibc

/// The square root of x. Source: ONNX Sqrt, opset 21.
public struct Sqrt: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Sqrt"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// The square root of x.
  public func apply(_ x: Double) -> Double { x.squareRoot() }
}
