import Diagnostics
public import Tensors

/// The operand cut along an axis. Operands: data, sizes (optional: equal parts, the last may be
/// smaller). Source: ONNX Split, opset 18.
public struct Split: Operator {
  /// The ONNX `op_type`.
  public static let name = "Split"
  /// The axis; negative counts from the end.
  public let axis: Int
  /// The number of results.
  public let outputCount: Int
  /// Creates the operator.
  public init(axis: Int = 0, outputCount: Int) {
    self.axis = axis
    self.outputCount = outputCount
  }
  /// Reads `axis` and `num_outputs`.
  public init(attributes: Attributes, outputCount: Int) throws {
    axis = try attributes.int("axis", default: 0)
    self.outputCount = outputCount
    guard try attributes.int("num_outputs") ?? outputCount == outputCount, outputCount > 0 else {
      throw DeployError.attribute("num_outputs is not \(outputCount)")
    }
  }
  /// `axis`. (`num_outputs` is the writer's to add where there are no sizes.)
  public var attributes: [String: Attribute] { ["axis": .int(Int64(axis))] }

  /// One type per part.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let axis = try normalized(self.axis, rank: x.rank)
    return try parts(x.dimensions[axis], inputs.optional(1)).map { part in
      var dimensions = x.dimensions
      dimensions[axis] = part
      return TensorType(x.scalarType, dimensions)
    }
  }

  private func parts(_ extent: Dimension, _ sizes: Operand?) throws -> [Dimension] {
    if let sizes {
      guard let list = try sizes.list("Split's sizes") else {
        return [Dimension](repeating: .unknown, count: outputCount)
      }
      guard list.count == outputCount, list.allSatisfy({ $0 >= 0 && $0 <= elementLimit }) else {
        throw DeployError.operand("sizes \(list) do not make \(outputCount) parts")
      }
      if let value = extent.value, list.reduce(0, +) != value {
        throw DeployError.operand("sizes \(list) do not add up to \(value)")
      }
      return list.map { .fixed($0) }
    }
    guard outputCount > 1 else { return [extent] }
    guard let value = extent.value else {
      return [Dimension](repeating: .unknown, count: outputCount)
    }
    let part = value / outputCount + (value % outputCount == 0 ? 0 : 1)
    return (0..<outputCount).map { .fixed(max(0, min(part, value - $0 * part))) }
  }

  /// Copies.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let x: Tensor = try inputs.required(0, of: Self.name)
    let axis = try normalized(self.axis, rank: x.shape.rank)
    var start = 0
    return try resultShapes(inputs).map { shape in
      var offsets = x.axisOffsets
      offsets[axis] = Array(offsets[axis][start..<(start + shape[axis])])
      start += shape[axis]
      return try x.collected(offsets)
    }
  }
}
