/// The largest of the operands. Source: ONNX Max, opset 13.
public struct Max: ElementwiseVariadic {
  /// The ONNX `op_type`.
  public static let name = "Max"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Of floating-point elements.
  public func combine(_ a: Double, _ b: Double) -> Double { larger(a, b) }
  /// Of integers.
  public func combineInteger(_ a: Int64, _ b: Int64) -> Int64 { max(a, b) }

}
