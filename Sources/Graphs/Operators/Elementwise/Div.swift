import Diagnostics

/// a / b; integers towards zero. Source: ONNX Div, opset 21.
public struct Div: ElementwiseBinary {
  /// The ONNX `op_type`.
  public static let name = "Div"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// a / b.
  public func apply(_ a: Double, _ b: Double) -> Double { a / b }
  /// Towards zero, wrapping.
  /// - Throws: `graph.invalid-operand` for division by zero.
  public func applyInteger(_ a: Int64, _ b: Int64) throws -> Int64 {
    guard b != 0 else { throw DeployError.operand("integer \(a) is divided by zero") }
    return a.dividedReportingOverflow(by: b).partialValue
  }
}
