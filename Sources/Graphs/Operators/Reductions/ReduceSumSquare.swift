/// The sum of squares. Source: ONNX ReduceSumSquare, opset 18.
public struct ReduceSumSquare: Reduction {
  /// The ONNX `op_type`.
  public static let name = "ReduceSumSquare"
  /// Whether the reduced axes stay, with extent 1.
  public let keepsAxes: Bool
  /// Whether no axes means that every element is reduced by itself.
  public let isNoopWithoutAxes: Bool
  /// Creates the operator.
  public init(keepsAxes: Bool = true, isNoopWithoutAxes: Bool = false) {
    self.keepsAxes = keepsAxes
    self.isNoopWithoutAxes = isNoopWithoutAxes
  }
  /// The sum of squares.
  public func reduce(_ elements: ArraySlice<Double>) -> Double {
    elements.reduce(0) { $0 + $1 * $1 }
  }
}
