/// The index of the smallest element along an axis. Source: ONNX ArgMin, opset 13.
public struct ArgMin: IndexSearching {
  /// The ONNX `op_type`.
  public static let name = "ArgMin"
  /// The axis and how it is searched.
  public let search: IndexSearch
  /// Creates the operator.
  public init(search: IndexSearch) { self.search = search }
  /// Whether the first element is smaller.
  public static func isBetter(_ candidate: Double, _ best: Double) -> Bool { candidate < best }
}
