/// Whether exactly one holds. Source: ONNX Xor, opset 7.
public struct Xor: LogicalBinary {
  /// The ONNX `op_type`.
  public static let name = "Xor"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Whether exactly one holds.
  public func apply(_ a: Bool, _ b: Bool) -> Bool { a != b }
}
