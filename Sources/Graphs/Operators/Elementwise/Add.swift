/// a + b. Source: ONNX Add, opset 21.
public struct Add: ElementwiseBinary {
  /// The ONNX `op_type`.
  public static let name = "Add"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// a + b.
  public func apply(_ a: Double, _ b: Double) -> Double { a + b }
  /// The same, wrapping.
  public func applyInteger(_ a: Int64, _ b: Int64) throws -> Int64 { a &+ b }
}
