import Diagnostics
public import Tensors

/// Indices as vectors that are "on" at the index. Operands: indices, depth, values (off, on).
/// Source: ONNX OneHot, opset 11.
public struct OneHot: Operator {
  /// The ONNX `op_type`.
  public static let name = "OneHot"
  /// Where the new axis goes; negative counts from the end of the result.
  public let axis: Int
  /// Creates the operator.
  public init(axis: Int = -1) { self.axis = axis }
  /// Reads `axis`.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: -1)
  }
  /// `axis`.
  public var attributes: [String: Attribute] { ["axis": .int(Int64(axis))] }
  /// The indices' shape with one more axis.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let indices: TensorType = try inputs.required(0, of: Self.name).type
    let depth: Operand = try inputs.required(1, of: Self.name)
    let values: TensorType = try inputs.required(2, of: Self.name).type
    try checkScalar(depth.type, of: Self.name)
    guard values.rank == 1, (values.dimensions[0].value ?? 2) == 2, indices.scalarType != .bool
    else { throw DeployError.operand("OneHot does not take \(indices) with values \(values)") }
    var extent = Dimension.unknown
    if let count = try depth.constant?.wholes().first {
      guard count > 0, count <= elementLimit else {
        throw DeployError.operand("a depth of \(count) is out of range")
      }
      extent = .fixed(Int(count))
    }
    var dimensions = indices.dimensions
    dimensions.insert(extent, at: try normalized(axis, rank: indices.rank + 1))
    return [TensorType(values.scalarType, dimensions)]
  }
  /// Negative indices count from the end; others outside the depth are "off" everywhere.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let indices = try inputs.required(0, of: Self.name).wholes()
    let values: Tensor = try inputs.required(2, of: Self.name)
    let axis = try normalized(self.axis, rank: shape.rank)
    let (depth, inner) = (shape[axis], shape.dimensions[(axis + 1)...].reduce(1, *))
    var choice = [Int](repeating: 0, count: shape.count)
    for (index, value) in indices.enumerated() {
      guard let hot = try? position(value, in: depth) else { continue }
      choice[(index / inner * depth + hot) * inner + index % inner] = 1
    }
    return [try values.collected([choice]).reshaped(to: shape)]
  }
}
