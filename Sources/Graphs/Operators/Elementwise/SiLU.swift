import Glibc

/// x / (1 + exp(-x)), the Sigmoid linear unit.
///
/// Not an ONNX operator before opset 24 (Swish): the writer lowers it to Sigmoid and Mul.
/// Source: Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017.
public struct SiLU: ElementwiseUnary {
  /// Ours; no ONNX `op_type`.
  public static let name = "SiLU"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// x · sigmoid(x).
  public func apply(_ x: Double) -> Double { x == -.infinity ? 0 : x / (1 + exp(-x)) }
}
