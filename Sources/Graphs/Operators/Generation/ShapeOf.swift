public import Tensors

/// The operand's extents as a list of int64, from axis `start` to before axis `end`.
/// Source: ONNX Shape, opset 21.
public struct ShapeOf: Operator {
  /// The ONNX `op_type`.
  public static let name = "Shape"
  /// The first axis; negative counts from the end.
  public let start: Int
  /// The axis after the last; negative counts from the end; nil for all.
  public let end: Int?
  /// Creates the operator.
  public init(start: Int = 0, end: Int? = nil) {
    self.start = start
    self.end = end
  }
  /// Reads `start` and `end`.
  public init(attributes: Attributes, outputCount: Int) throws {
    start = try attributes.int("start", default: 0)
    end = try attributes.int("end")
  }
  /// `start` and `end`.
  public var attributes: [String: Attribute] {
    var result: [String: Attribute] = [:]
    if start != 0 { result["start"] = .int(Int64(start)) }
    if let end { result["end"] = .int(Int64(end)) }
    return result
  }

  /// The axes that are listed, of an operand of this rank.
  public func axes(rank: Int) -> Range<Int> {
    func clamped(_ axis: Int) -> Int { min(max(axis < 0 ? axis &+ rank : axis, 0), rank) }
    let first = clamped(start)
    return first..<max(first, clamped(end ?? rank))
  }

  /// A list of int64.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    return [TensorType(.int64, [.fixed(axes(rank: x.rank).count)])]
  }
  /// The extents.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape: Shape = try inputs.required(0, of: Self.name).shape
    let extents = shape.dimensions[axes(rank: shape.rank)].map { Int64($0) }
    return [try Tensor(extents, shape: [extents.count])]
  }
}
