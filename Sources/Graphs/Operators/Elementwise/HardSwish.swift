import Glibc

/// x · max(0, min(1, x / 6 + 0.5)). Source: ONNX HardSwish, opset 21.
public struct HardSwish: ElementwiseUnary {
  /// The ONNX `op_type`.
  public static let name = "HardSwish"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}

  /// x · max(0, min(1, x / 6 + 0.5)).
  public func apply(_ x: Double) -> Double { x * max(0, min(1, x / 6 + 0.5)) }
}
