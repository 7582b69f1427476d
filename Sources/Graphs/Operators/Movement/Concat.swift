import Diagnostics
public import Tensors

/// The operands one after the other along an axis. Source: ONNX Concat, opset 13.
public struct Concat: Operator {
  /// The ONNX `op_type`.
  public static let name = "Concat"
  /// The axis; negative counts from the end.
  public let axis: Int
  /// Creates the operator.
  public init(axis: Int) { self.axis = axis }
  /// Reads `axis`.
  public init(attributes: Attributes, outputCount: Int) throws {
    guard let axis = try attributes.int("axis") else {
      throw DeployError.attribute("Concat needs the attribute 'axis'")
    }
    self.axis = axis
  }
  /// `axis`.
  public var attributes: [String: Attribute] { ["axis": .int(Int64(axis))] }

  /// The sum along the axis; the other extents are shared.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let first: TensorType = try inputs.required(0, of: Self.name).type
    let axis = try normalized(self.axis, rank: first.rank)
    var dimensions = first.dimensions
    var along = [first.dimensions[axis]]
    for index in inputs.indices.dropFirst() {
      let next: TensorType = try inputs.required(index, of: Self.name).type
      try checkSame(first.scalarType, next.scalarType, of: Self.name)
      guard next.rank == first.rank else {
        throw DeployError.operand("Concat of \(first) and \(next): the ranks differ")
      }
      for other in dimensions.indices where other != axis {
        dimensions[other] = try dimensions[other].merged(with: next.dimensions[other])
      }
      along.append(next.dimensions[axis])
    }
    dimensions[axis] = sum(along)
    return [TensorType(first.scalarType, dimensions)]
  }

  /// Copies stretches of every operand in turn.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let axis = try normalized(self.axis, rank: shape.rank)
    let operands = inputs.compactMap { $0 }
    let type = operands[0].scalarType
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *) * type.byteCount
    let result = try Tensor(shape: shape, scalarType: type) { target in
      var column = 0
      for operand in operands {
        let stretch = operand.shape[axis] * inner
        try operand.withBytes { source in
          guard stretch > 0 else { return }
          for row in 0..<outer {
            let start = row * shape[axis] * inner + column
            UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + stretch)])
              .copyMemory(
                from: UnsafeRawBufferPointer(
                  rebasing: source[(row * stretch)..<((row + 1) * stretch)]
                )
              )
          }
        }
        column += stretch
      }
    }
    return [result]
  }
}
