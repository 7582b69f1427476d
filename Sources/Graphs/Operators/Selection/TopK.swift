import Diagnostics
public import Tensors

/// The K largest (or smallest) elements along an axis, and their indices. Operands: X, K.
/// Source: ONNX TopK, opset 11.
public struct TopK: Operator {
  /// The ONNX `op_type`.
  public static let name = "TopK"
  /// The axis; negative counts from the end.
  public let axis: Int
  /// Whether the largest are taken.
  public let takesLargest: Bool
  /// Whether they are sorted. The reference always sorts.
  public let isSorted: Bool
  /// Creates the operator.
  public init(axis: Int = -1, takesLargest: Bool = true, isSorted: Bool = true) {
    self.axis = axis
    self.takesLargest = takesLargest
    self.isSorted = isSorted
  }
  /// Reads `axis`, `largest`, `sorted`.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: -1)
    takesLargest = try attributes.int("largest", default: 1) != 0
    isSorted = try attributes.int("sorted", default: 1) != 0
  }
  /// As ONNX names them.
  public var attributes: [String: Attribute] {
    [
      "axis": .int(Int64(axis)), "largest": .int(takesLargest ? 1 : 0),
      "sorted": .int(isSorted ? 1 : 0),
    ]
  }
  /// Values and indices, both with extent K along the axis.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let k: Operand = try inputs.required(1, of: Self.name)
    try checkElements(x.scalarType, of: Self.name, integers: true)
    try checkScalar(k.type, of: Self.name)
    let axis = try normalized(self.axis, rank: x.rank)
    var dimensions = x.dimensions
    dimensions[axis] = .unknown
    if let count = try k.list("TopK's K")?.first {
      guard count >= 0, count <= x.dimensions[axis].value ?? count else {
        throw DeployError.operand("\(count) elements cannot be taken from axis \(axis) of \(x)")
      }
      dimensions[axis] = .fixed(count)
    }
    return [TensorType(x.scalarType, dimensions), TensorType(.int64, dimensions)]
  }
  /// Of equal elements the first comes first.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let axis = try normalized(self.axis, rank: shape.rank)
    let values = try x.reals()
    let (extent, count) = (x.shape[axis], shape[axis])
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    var indices = [Int64](repeating: 0, count: shape.count)
    var sources = [Int](repeating: 0, count: shape.count)
    for block in 0..<(outer * inner) {
      let (row, lane) = (block / inner, block % inner)
      let order = (0..<extent).sorted { a, b in
        let (left, right) = (
          values[(row * extent + a) * inner + lane], values[(row * extent + b) * inner + lane]
        )
        if left == right { return a < b }
        return takesLargest ? left > right : left < right
      }
      for (rank, index) in order.prefix(count).enumerated() {
        let target = (row * count + rank) * inner + lane
        indices[target] = Int64(index)
        sources[target] = (row * extent + index) * inner + lane
      }
    }
    return [
      try x.collected([sources]).reshaped(to: shape), try Tensor(indices, shape: shape),
    ]
  }
}
