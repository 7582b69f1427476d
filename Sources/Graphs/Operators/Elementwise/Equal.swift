/// Whether a = b. Source: ONNX Equal, opset 19.
public struct Equal: Comparison {
  /// The ONNX `op_type`.
  public static let name = "Equal"
  /// Truth values too.
  public static let acceptsTruths = true
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Of floating-point elements.
  public func holds(_ a: Double, _ b: Double) -> Bool { a == b }
  /// Of integers.
  public func holds(_ a: Int64, _ b: Int64) -> Bool { a == b }
}
