/// exp(x) over its sum along an axis. Source: ONNX Softmax, opset 13.
public struct Softmax: SoftmaxLike {
  /// The ONNX `op_type`.
  public static let name = "Softmax"
  /// Whether the result's logarithm is wanted.
  public static let isLogarithm = false
  /// The axis; negative counts from the end.
  public let axis: Int
  /// Creates the operator.
  public init(axis: Int = -1) { self.axis = axis }
}
