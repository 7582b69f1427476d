public import Tensors

/// An operator on exp(x) over its sum along an axis: ``Softmax`` and ``LogSoftmax``.
public protocol SoftmaxLike: Operator {
  /// The axis; negative counts from the end.
  var axis: Int { get }
  /// Whether the result's logarithm is wanted.
  static var isLogarithm: Bool { get }
  /// Creates the operator.
  init(axis: Int)
}

extension SoftmaxLike {
  /// Reads `axis`.
  public init(attributes: Attributes, outputCount: Int) throws {
    self.init(axis: try attributes.int("axis", default: -1))
  }
  /// `axis`.
  public var attributes: [String: Attribute] { ["axis": .int(Int64(axis))] }
  /// The operand's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let type: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(type.scalarType, of: Self.name, integers: false)
    _ = try normalized(axis, rank: type.rank)
    return [type]
  }
  /// In double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [
      try inputs.required(0, of: Self.name)
        .softmax(along: axis, isLogarithm: Self.isLogarithm)
    ]
  }
  /// Two per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    saturatingProduct([2, elementCount(outputs.first)])
  }
  /// Another exponential.
  public var tolerance: Tolerance { .rounding }
}
