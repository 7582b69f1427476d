public import Tensors

/// The largest element of every channel. Source: ONNX GlobalMaxPool, opset 1.
public struct GlobalMaxPool: GlobalPool {
  /// The ONNX `op_type`.
  public static let name = "GlobalMaxPool"
  /// Creates the operator.
  public init() {}
  /// The largest element.
  public static func pooled(_ channel: ArraySlice<Double>) -> Double {
    channel.reduce(-.infinity) { larger($0, $1) }
  }
  /// An element.
  public var tolerance: Tolerance { .exact }
}
