public import Tensors

/// The running sum along an axis. Operands: X, axis (a scalar). Source: ONNX CumSum, opset 14.
public struct CumSum: Operator {
  /// The ONNX `op_type`.
  public static let name = "CumSum"
  /// Whether an element is left out of its own sum.
  public let isExclusive: Bool
  /// Whether the sum runs from the end.
  public let isReversed: Bool
  /// Creates the operator.
  public init(isExclusive: Bool = false, isReversed: Bool = false) {
    self.isExclusive = isExclusive
    self.isReversed = isReversed
  }
  /// Reads `exclusive` and `reverse`.
  public init(attributes: Attributes, outputCount: Int) throws {
    isExclusive = try attributes.int("exclusive", default: 0) != 0
    isReversed = try attributes.int("reverse", default: 0) != 0
  }
  /// `exclusive` and `reverse`.
  public var attributes: [String: Attribute] {
    ["exclusive": .int(isExclusive ? 1 : 0), "reverse": .int(isReversed ? 1 : 0)]
  }
  /// X's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let axis: Operand = try inputs.required(1, of: Self.name)
    try checkElements(x.scalarType, of: Self.name, integers: true)
    try checkScalar(axis.type, of: Self.name)
    if let known = try axis.list("CumSum's axis")?.first { _ = try normalized(known, rank: x.rank) }
    return [x]
  }
  /// In double precision; integers too, which is exact below 2⁵³.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let axis = try inputs.required(1, of: Self.name).integers().first ?? 0
    let values = try x.mapped(along: normalized(axis, rank: shape.rank)) { line in
      var total = 0.0
      for index in isReversed ? Array(line.indices.reversed()) : Array(line.indices) {
        let element = line[index]
        line[index] = isExclusive ? total : total + element
        total += element
      }
    }
    return [try Tensor(reals: values, shape: shape, as: x.scalarType)]
  }
  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
  /// Sums in single precision.
  public var tolerance: Tolerance { .rounding }
}
