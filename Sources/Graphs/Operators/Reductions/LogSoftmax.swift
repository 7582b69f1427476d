/// The logarithm of exp(x) over its sum along an axis. Source: ONNX LogSoftmax, opset 13.
public struct LogSoftmax: SoftmaxLike {
  /// The ONNX `op_type`.
  public static let name = "LogSoftmax"
  /// Whether the result's logarithm is wanted.
  public static let isLogarithm = true
  /// The axis; negative counts from the end.
  public let axis: Int
  /// Creates the operator.
  public init(axis: Int = -1) { self.axis = axis }
}
