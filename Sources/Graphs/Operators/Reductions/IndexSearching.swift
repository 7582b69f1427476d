public import Tensors

/// An operator that gives the index of an element along an axis: ``ArgMax`` and ``ArgMin``.
public protocol IndexSearching: Operator {
  /// The axis and how it is searched.
  var search: IndexSearch { get }
  /// Creates the operator.
  init(search: IndexSearch)
  /// Whether the first element is to be taken rather than the second.
  static func isBetter(_ candidate: Double, _ best: Double) -> Bool
}

extension IndexSearching {
  /// Creates the operator.
  public init(axis: Int = 0, keepsAxis: Bool = true, selectsLast: Bool = false) {
    self.init(search: IndexSearch(axis: axis, keepsAxis: keepsAxis, selectsLast: selectsLast))
  }
  /// Reads `axis`, `keepdims`, `select_last_index`.
  public init(attributes: Attributes, outputCount: Int) throws {
    self.init(search: try IndexSearch(attributes))
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
    return [try search.indices(in: inputs.required(0, of: Self.name), shape, Self.isBetter)]
  }
}
