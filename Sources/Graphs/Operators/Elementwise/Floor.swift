import Glibc

/// The largest integer not above x. Source: ONNX Floor, opset 21.
public struct Floor: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "Floor"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// The largest integer not above x.
  public func apply(_ x: Double) -> Double { floor(x) }
}
