/// a - b. Source: ONNX Sub, opset 21.
public struct Sub: ElementwiseBinary {
  /// The ONNX `op_type`.
  public static let name = "Sub"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// a - b.
  public func apply(_ a: Double, _ b: Double) -> Double { a - b }
  /// The same, wrapping.
  public func applyInteger(_ a: Int64, _ b: Int64) throws -> Int64 { a &- b }
}
