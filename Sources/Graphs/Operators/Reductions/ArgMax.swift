/// The index of the largest element along an axis. Source: ONNX ArgMax, opset 13.
public struct ArgMax: IndexSearching {
  /// The ONNX `op_type`.
  public static let name = "ArgMax"
  /// The axis and how it is searched.
  public let search: IndexSearch
  /// Creates the operator.
  public init(search: IndexSearch) { self.search = search }
  /// Whether the first element is larger.
  public static func isBetter(_ candidate: Double, _ best: Double) -> Bool { candidate > best }
}
