import Diagnostics
import Glibc
public import Tensors

/// start, start + delta, … before limit. Operands: start, limit, delta (scalars).
/// Source: ONNX Range, opset 11. (`Range` is Swift's own name.)
public struct RangeOf: Operator {
  /// The ONNX `op_type`.
  public static let name = "Range"
  /// Creates the operator.
  public init() {}
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) {}
  /// None.
  public var attributes: [String: Attribute] { [:] }

  /// A list, its length known where the operands are.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let operands = try (0..<3).map { index -> Operand in
      let operand: Operand = try inputs.required(index, of: Self.name)
      guard operand.type.rank == 0 || operand.type.dimensions == [1] else {
        throw DeployError.operand("Range takes scalars, not \(operand.type)")
      }
      return operand
    }
    let type = operands[0].type.scalarType
    try checkElements(type, of: Self.name, integers: true)
    for operand in operands { try checkSame(type, operand.type.scalarType, of: Self.name) }
    let constants = operands.compactMap(\.constant)
    guard constants.count == 3 else { return [TensorType(type, [.unknown])] }
    return [TensorType(type, [.fixed(try count(constants))])]
  }

  private func count(_ bounds: [Tensor]) throws -> Int {
    let count: Double
    if bounds[0].scalarType.isFloatingPoint {
      let values = try bounds.map { try $0.reals()[0] }
      count = max(0, ceil((values[1] - values[0]) / values[2]))
    } else {
      let values = try bounds.map { try $0.wholes()[0] }
      guard values[2] != 0 else { throw DeployError.operand("Range's delta is zero") }
      let (span, overflow) = values[1].subtractingReportingOverflow(values[0])
      guard !overflow else { throw DeployError.operand("Range from \(values[0]) is too long") }
      let whole = span.dividedReportingOverflow(by: values[2]).partialValue
      let rest = span.remainderReportingOverflow(dividingBy: values[2]).partialValue
      let isRounded = rest != 0 && (rest < 0) == (values[2] < 0)
      count = max(0, Double(whole) + (isRounded ? 1 : 0))
    }
    guard count <= Double(elementLimit) else {
      throw DeployError.operand("Range has \(count) elements, more than \(elementLimit)")
    }
    return Int(count)
  }

  /// start + index · delta.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let start: Tensor = try inputs.required(0, of: Self.name)
    let delta: Tensor = try inputs.required(2, of: Self.name)
    let type = start.scalarType
    if type.isFloatingPoint {
      let (from, step) = (try start.reals()[0], try delta.reals()[0])
      let values = (0..<shape.count).map { from + Double($0) * step }
      return [try Tensor(reals: values, shape: shape, as: type)]
    }
    let (from, step) = (try start.wholes()[0], try delta.wholes()[0])
    let values = (0..<shape.count).map { from &+ Int64($0) &* step }
    return [try Tensor(wholes: values, shape: shape, as: type)]
  }
  /// A running sum rounds differently.
  public var tolerance: Tolerance { .rounding }
}
