/// The mean of the operands. Source: ONNX Mean, opset 13.
public struct Mean: ElementwiseVariadic {
  /// The ONNX `op_type`.
  public static let name = "Mean"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// Of floating-point elements.
  public func combine(_ a: Double, _ b: Double) -> Double { a + b }
  /// Of integers.
  public func combineInteger(_ a: Int64, _ b: Int64) -> Int64 { a &+ b }
  /// The sum over the count.
  public func finish(_ total: Double, count: Int) -> Double { total / Double(count) }
}
