/// Whether both hold. Source: ONNX And, opset 7.
public struct And: LogicalBinary {
  /// The ONNX `op_type`.
  public static let name = "And"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Whether both hold.
  public func apply(_ a: Bool, _ b: Bool) -> Bool { a && b }
}
