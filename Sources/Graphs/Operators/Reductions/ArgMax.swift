public import Tensors

/// The index of the largest element along an axis. Source: ONNX ArgMax, opset 13.
public struct ArgMax: Operator {
  /// The ONNX `op_type`.
  public static let name = "ArgMax"
  /// The axis and how it is searched.
  public let search: IndexSearch
  /// Creates the operator.
  public init(axis: Int = 0, keepsAxis: Bool = true, selectsLast: Bool = false) {
    search = IndexSearch(axis: axis, keepsAxis: keepsAxis, selectsLast: selectsLast)
  }
  /// Reads `axis`, `keepdims`, `select_last_index`.
  public init(attributes: Attributes, outputCount: Int) throws {
    search = try IndexSearch(attributes)
  }
  /// As ONNX names them.
  public var attributes: [String: Attribute] { search.attributes }
  /// Indices of int64.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    [try search.type(for: inputs.required(0, of: Self.name).type, of: Self.name)]
  }
  /// The first (or last) of equal elements.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    return [try search.indices(in: inputs.required(0, of: Self.name), shape) { $0 > $1 }]
  }
}
