import Diagnostics
public import Tensors

/// The data with slices replaced at coordinate vectors. Operands: data, indices `[…, k]`,
/// updates. Source: ONNX ScatterND, opset 18.
public struct ScatterND: Operator {
  /// The ONNX `op_type`.
  public static let name = "ScatterND"
  /// What an update does to the element that it meets.
  public let reduction: ScatterReduction
  /// Creates the operator.
  public init(reduction: ScatterReduction = .none) { self.reduction = reduction }
  /// Reads `reduction`.
  public init(attributes: Attributes, outputCount: Int) throws {
    reduction = try ScatterReduction(attributes)
  }
  /// `reduction`.
  public var attributes: [String: Attribute] { ["reduction": .string(reduction.rawValue)] }
  /// The data's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let indices: TensorType = try inputs.required(1, of: Self.name).type
    let updates: TensorType = try inputs.required(2, of: Self.name).type
    let depth = try vectorLength(x, indices, batchAxes: 0, of: Self.name)
    let shape = indices.dimensions.dropLast() + x.dimensions.dropFirst(depth)
    guard updates.isCompatible(with: TensorType(x.scalarType, Array(shape))) else {
      throw DeployError.operand("updates \(updates) do not fit indices \(indices) and data \(x)")
    }
    return [x]
  }
  /// Updates in order.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    _ = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let indices: Tensor = try inputs.required(1, of: Self.name)
    let length = x.shape.dimensions.dropFirst(indices.shape.dimensions.last ?? 0).reduce(1, *)
    let targets = try sliceOffsets(x.shape, indices, batchAxes: 0).flatMap { start in
      start..<(start + length)
    }
    return [try reduction.scatter(inputs.required(2, of: Self.name), into: x, at: targets)]
  }
  /// Sums and products in another order; replaced elements are exact.
  public var tolerance: Tolerance { reduction == .none ? .exact : .rounding }
}
