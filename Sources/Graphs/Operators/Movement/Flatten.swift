import Diagnostics
public import Tensors

/// The operand as a matrix: the axes before `axis`, and the rest. Source: ONNX Flatten, opset 21.
public struct Flatten: Operator {
  /// The ONNX `op_type`.
  public static let name = "Flatten"
  /// The first axis of the second extent; negative counts from the end.
  public let axis: Int
  /// Creates the operator.
  public init(axis: Int = 1) { self.axis = axis }
  /// Reads `axis`.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: 1)
  }
  /// `axis`.
  public var attributes: [String: Attribute] { ["axis": .int(Int64(axis))] }
  /// Rank 2.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    guard axis >= -x.rank, axis <= x.rank else {
      throw DeployError.operand("axis \(axis) does not exist in \(x)")
    }
    let first = axis < 0 ? axis + x.rank : axis
    let parts = [try product(x.dimensions[..<first]), try product(x.dimensions[first...])]
    return [TensorType(x.scalarType, parts)]
  }
  /// No copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [try inputs.required(0, of: Self.name).reshaped(to: resultShape(inputs))]
  }
}

/// The product of extents: known, one that only ones surround, or unknown.
func product(_ extents: ArraySlice<Dimension>) throws -> Dimension {
  let factors = extents.filter { $0 != 1 }
  if factors.count == 1, let only = factors.first { return only }
  guard !factors.contains(where: { $0.value == nil }) else { return .unknown }
  guard let count = Shape.checkedCount(factors.compactMap(\.value)) else {
    throw DeployError.operand("the product of \(Array(extents)) is too large")
  }
  return .fixed(count)
}
