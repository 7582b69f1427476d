/// Whether one or both hold. Source: ONNX Or, opset 7.
public struct Or: LogicalBinary {
  /// The ONNX `op_type`.
  public static let name = "Or"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Whether one or both hold.
  public func apply(_ a: Bool, _ b: Bool) -> Bool { a || b }
}
