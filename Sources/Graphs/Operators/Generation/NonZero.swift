public import Tensors

/// The coordinates of the elements that are not zero: `[rank, count]`.
/// Source: ONNX NonZero, opset 13.
public struct NonZero: Operator {
  /// The ONNX `op_type`.
  public static let name = "NonZero"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// `[rank, ?]` of int64.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    return [TensorType(.int64, [.fixed(max(1, x.rank)), .unknown])]
  }
  /// In row-major order.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let x: Tensor = try inputs.required(0, of: Self.name)
    let hits = try x.truths().enumerated().filter(\.element).map(\.offset)
    let extents = x.shape.rank == 0 ? [1] : x.shape.dimensions
    let coordinates = zip(Shape(extents).strides, extents).flatMap { stride, extent in
      hits.map { Int64($0 / stride % extent) }
    }
    return [try Tensor(coordinates, shape: [extents.count, hits.count])]
  }
}
