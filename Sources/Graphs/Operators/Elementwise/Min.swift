/// The smallest of the operands. Source: ONNX Min, opset 13.
public struct Min: ElementwiseVariadic {
  /// The ONNX `op_type`.
  public static let name = "Min"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Of floating-point elements.
  public func combine(_ a: Double, _ b: Double) -> Double { smaller(a, b) }
  /// Of integers.
  public func combineInteger(_ a: Int64, _ b: Int64) -> Int64 { min(a, b) }

}
