import Diagnostics
public import Tensors

/// The operand with its axes in another order. Source: ONNX Transpose, opset 21.
public struct Transpose: Operator {
  /// The ONNX `op_type`.
  public static let name = "Transpose"
  /// For each axis of the result, the operand's axis; nil reverses them.
  public let permutation: [Int]?
  /// Creates the operator.
  public init(permutation: [Int]? = nil) { self.permutation = permutation }
  /// Reads `perm`.
  public init(attributes: Attributes, outputCount: Int) throws {
    permutation = try attributes.ints("perm")
  }
  /// `perm`.
  public var attributes: [String: Attribute] {
    permutation.map { ["perm": .ints($0.map(Int64.init))] } ?? [:]
  }
  /// The extents in the new order.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    return [TensorType(x.scalarType, try order(x.rank).map { x.dimensions[$0] })]
  }
  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let x: Tensor = try inputs.required(0, of: Self.name)
    let offsets = x.axisOffsets
    return [try x.collected(order(x.shape.rank).map { offsets[$0] })]
  }

  private func order(_ rank: Int) throws -> [Int] {
    let order = permutation ?? (0..<rank).reversed()
    guard order.sorted() == Array(0..<rank) else {
      throw DeployError.operand("perm \(order) does not order \(rank) axes")
    }
    return order
  }
}
