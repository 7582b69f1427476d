public import Tensors

/// The mean of every channel. Source: ONNX GlobalAveragePool, opset 1.
public struct GlobalAveragePool: GlobalPool {
  /// The ONNX `op_type`.
  public static let name = "GlobalAveragePool"
  /// Creates the operator.
  public init() {}
  /// The mean.
  public static func pooled(_ channel: ArraySlice<Double>) -> Double {
    channel.reduce(0, +) / Double(channel.count)
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}
