import Diagnostics
public import Tensors

/// A stretch of every axis, by steps. Operands: data, starts, ends, axes (optional), steps
/// (optional). Source: ONNX Slice, opset 13.
public struct Slice: Operator {
  /// The ONNX `op_type`.
  public static let name = "Slice"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }

  /// The cut extents. A symbolic extent survives a slice that takes all of it.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let starts: Operand = try inputs.required(1, of: Self.name)
    let ends: Operand = try inputs.required(2, of: Self.name)
    guard let axes = try axes(inputs, rank: x.rank) else {
      return [TensorType(x.scalarType, x.dimensions.map { _ in .unknown })]
    }
    let steps = try inputs.optional(4).map { try $0.list("Slice's steps") }
    var dimensions = x.dimensions
    guard let first = try starts.list("Slice's starts"), let last = try ends.list("Slice's ends"),
      let steps = steps ?? [Int](repeating: 1, count: axes.count)
    else {
      for axis in axes { dimensions[axis] = .unknown }
      return [TensorType(x.scalarType, dimensions)]
    }
    guard first.count == axes.count, last.count == axes.count, steps.count == axes.count,
      !steps.contains(0)
    else {
      throw DeployError.operand("starts \(first), ends \(last), axes \(axes), steps \(steps)")
    }
    for (index, axis) in axes.enumerated() {
      let range = (first[index], last[index], steps[index])
      dimensions[axis] = extent(dimensions[axis], range)
    }
    return [TensorType(x.scalarType, dimensions)]
  }

  private func extent(_ dimension: Dimension, _ range: (Int, Int, Int)) -> Dimension {
    if let value = dimension.value { return .fixed(positions(value, range).count) }
    let takesAll = range.0 == 0 && range.1 >= Int(Int32.max) && range.2 == 1
    return takesAll ? dimension : .unknown
  }

  private func axes(_ inputs: [Operand?], rank: Int) throws -> [Int]? {
    if let operand = inputs.optional(3) {
      return try operand.list("Slice's axes").map { try normalized($0, rank: rank) }
    }
    let starts: Operand = try inputs.required(1, of: Self.name)
    guard let count = starts.listLength else { return nil }
    return try normalized(Array(0..<min(count, rank + 1)), rank: rank)
  }

  /// The coordinates taken from an axis. Source: ONNX Slice, the clamping rules.
  private func positions(_ extent: Int, _ range: (Int, Int, Int)) -> [Int] {
    let (start, end) = (range.0, range.1)
    let step = max(-extent - 1, min(range.2, extent + 1))
    let from = start < 0 ? max(start, -extent - 1) + extent : start
    let to = end < 0 ? max(end, -extent - 1) + extent : end
    if step > 0 {
      let stop = min(max(to, 0), extent)
      return Array(Swift.stride(from: min(max(from, 0), extent), to: stop, by: step))
    }
    let stop = min(max(to, -1), extent - 1)
    return Array(Swift.stride(from: min(max(from, -1), extent - 1), to: stop, by: step))
  }

  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    _ = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let operands = inputs.map { tensor in
      tensor.map { Operand(type: TensorType($0.scalarType, $0.shape), constant: $0) }
    }
    let starts = try inputs.required(1, of: Self.name).integers()
    let ends = try inputs.required(2, of: Self.name).integers()
    let steps = try inputs.optional(4)?.integers()
    var offsets = x.axisOffsets
    for (index, axis) in (try axes(operands, rank: x.shape.rank) ?? []).enumerated() {
      let range = (starts[index], ends[index], steps?[index] ?? 1)
      let all = offsets[axis]
      offsets[axis] = positions(x.shape[axis], range).map { all[$0] }
    }
    return [try x.collected(offsets)]
  }
}
