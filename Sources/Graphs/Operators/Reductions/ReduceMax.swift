/// The largest element. Source: ONNX ReduceMax, opset 18.
public struct ReduceMax: Reduction {
  /// The ONNX `op_type`.
  public static let name = "ReduceMax"
  /// Whether the reduced axes stay, with extent 1.
  public let keepsAxes: Bool
  /// Whether no axes means that every element is reduced by itself.
  public let isNoopWithoutAxes: Bool
  /// Creates the operator.
  public init(keepsAxes: Bool = true, isNoopWithoutAxes: Bool = false) {
    self.keepsAxes = keepsAxes
    self.isNoopWithoutAxes = isNoopWithoutAxes
  }
  /// The largest element.
  public func reduce(_ elements: ArraySlice<Double>) -> Double {
    elements.reduce(-.infinity) { larger($0, $1) }
  }
}
