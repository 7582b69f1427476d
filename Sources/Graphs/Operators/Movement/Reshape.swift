import Diagnostics
public import Tensors

/// The same elements under another shape: 0 keeps an extent (unless `allowZero`), -1 is inferred.
/// Operands: data, shape. Source: ONNX Reshape, opset 21.
public struct Reshape: Operator {
  /// The ONNX `op_type`.
  public static let name = "Reshape"
  /// Whether 0 means no elements.
  public let allowZero: Bool
  /// Creates the operator.
  public init(allowZero: Bool = false) { self.allowZero = allowZero }
  /// Reads `allowzero`.
  public init(attributes: Attributes, outputCount: Int) throws {
    allowZero = try attributes.int("allowzero", default: 0) != 0
  }
  /// `allowzero`.
  public var attributes: [String: Attribute] { allowZero ? ["allowzero": .int(1)] : [:] }

  /// The stated shape. An inferred extent is a symbol where everything else cancels out.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let operand: Operand = try inputs.required(1, of: Self.name)
    guard let stated = try operand.list("Reshape's shape") else {
      guard let rank = operand.listLength, operand.type.rank == 1 else {
        throw DeployError.operand("Reshape's shape has no known length")
      }
      return [TensorType(x.scalarType, [Dimension](repeating: .unknown, count: rank))]
    }
    return [TensorType(x.scalarType, try dimensions(x, stated))]
  }

  private func dimensions(_ x: TensorType, _ stated: [Int]) throws -> [Dimension] {
    guard stated.allSatisfy({ $0 >= -1 }), stated.count(where: { $0 == -1 }) <= 1 else {
      throw DeployError.operand("\(stated) is no shape")
    }
    var result: [Dimension] = []
    // Extents that the result does not copy, and those that it states itself.
    var left = x.dimensions.map(Optional.some)
    var numbers: [Int] = []
    for (axis, extent) in stated.enumerated() {
      if extent == 0, !allowZero {
        guard axis < x.rank else {
          throw DeployError.operand("\(stated) copies axis \(axis) of \(x), which does not exist")
        }
        result.append(x.dimensions[axis])
        left[axis] = nil
      } else {
        result.append(extent < 0 ? .unknown : .fixed(extent))
        if extent >= 0 { numbers.append(extent) }
      }
    }
    let remaining = left.compactMap { $0 }
    let open = remaining.filter { $0.value == nil }
    let counts = (
      Shape.checkedCount(remaining.compactMap(\.value)), Shape.checkedCount(numbers)
    )
    guard let (have, want) = zipped(counts) else {
      throw DeployError.operand("\(x) as \(stated) is too large")
    }
    guard let axis = stated.firstIndex(of: -1) else {
      guard !open.isEmpty || have == want else {
        throw DeployError.operand("\(x) does not have the \(want) elements of \(stated)")
      }
      return result
    }
    result[axis] = try inferred(open: open, have: have, want: want, x, stated)
    return result
  }

  private func inferred(
    open: [Dimension],
    have: Int,
    want: Int,
    _ x: TensorType,
    _ stated: [Int]
  ) throws -> Dimension {
    if open.isEmpty {
      if want == 0 && have == 0 { return .fixed(0) }
      guard want > 0, have % want == 0 else {
        throw DeployError.operand("\(x) cannot be reshaped to \(stated)")
      }
      return .fixed(have / want)
    }
    return open.count == 1 && have == want ? open[0] : .unknown
  }

  private func zipped(_ pair: (Int?, Int?)) -> (Int, Int)? {
    guard let a = pair.0, let b = pair.1 else { return nil }
    return (a, b)
  }

  /// No copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    [try inputs.required(0, of: Self.name).reshaped(to: resultShape(inputs))]
  }
}
