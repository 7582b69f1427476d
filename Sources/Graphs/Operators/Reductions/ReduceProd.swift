/// The product. Source: ONNX ReduceProd, opset 18.
public struct ReduceProd: Reduction {
  /// The ONNX `op_type`.
  public static let name = "ReduceProd"
  /// Whether the reduced axes stay, with extent 1.
  public let keepsAxes: Bool
  /// Whether no axes means that every element is reduced by itself.
  public let isNoopWithoutAxes: Bool
  /// Creates the operator.
  public init(keepsAxes: Bool = true, isNoopWithoutAxes: Bool = false) {
    self.keepsAxes = keepsAxes
    self.isNoopWithoutAxes = isNoopWithoutAxes
  }
  /// The product.
  public func reduce(_ elements: ArraySlice<Double>) -> Double {
    elements.reduce(1, *)
  }
}
