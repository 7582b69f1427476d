import Diagnostics
public import Tensors

/// The data with single elements replaced along an axis. Operands: data, indices, updates.
/// Source: ONNX ScatterElements, opset 18.
public struct ScatterElements: Operator {
  /// The ONNX `op_type`.
  public static let name = "ScatterElements"
  /// The axis; negative counts from the end.
  public let axis: Int
  /// What an update does to the element that it meets.
  public let reduction: ScatterReduction
  /// Creates the operator.
  public init(axis: Int = 0, reduction: ScatterReduction = .none) {
    self.axis = axis
    self.reduction = reduction
  }
  /// Reads `axis` and `reduction`.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: 0)
    reduction = try ScatterReduction(attributes)
  }
  /// `axis` and `reduction`.
  public var attributes: [String: Attribute] {
    ["axis": .int(Int64(axis)), "reduction": .string(reduction.rawValue)]
  }
  /// The data's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let indices: TensorType = try inputs.required(1, of: Self.name).type
    let updates: TensorType = try inputs.required(2, of: Self.name).type
    try checkElementIndices(x, indices, axis: normalized(axis, rank: x.rank), of: Self.name)
    guard updates.isCompatible(with: TensorType(x.scalarType, indices.dimensions)) else {
      throw DeployError.operand("updates \(updates) do not fit indices \(indices) and data \(x)")
    }
    return [x]
  }
  /// Updates in order.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    _ = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let targets = try elementOffsets(
      x.shape,
      inputs.required(1, of: Self.name),
      axis: normalized(axis, rank: x.shape.rank)
    )
    return [try reduction.scatter(inputs.required(2, of: Self.name), into: x, at: targets)]
  }
  /// Sums and products in another order; replaced elements are exact.
  public var tolerance: Tolerance { reduction == .none ? .exact : .rounding }
}
