import Diagnostics
public import Tensors

/// An operator that reduces any number of operands element by element, broadcasting them.
public protocol ElementwiseVariadic: Operator {
  /// Combines two floating-point elements.
  func combine(_ a: Double, _ b: Double) -> Double
  /// Combines two integers.
  func combineInteger(_ a: Int64, _ b: Int64) -> Int64
  /// The result from the combination of `count` elements.
  func finish(_ total: Double, count: Int) -> Double
}

extension ElementwiseVariadic {
  /// None, by default.
  public var attributes: [String: Attribute] { [:] }
  /// The combination itself, by default.
  public func finish(_ total: Double, count: Int) -> Double { total }

  /// The broadcast shape.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    var result: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(result.scalarType, of: Self.name, integers: true)
    for index in inputs.indices.dropFirst() {
      let next: TensorType = try inputs.required(index, of: Self.name).type
      try checkSame(result.scalarType, next.scalarType, of: Self.name)
      result.dimensions = try broadcast(result.dimensions, next.dimensions)
    }
    return [result]
  }

  /// From the first operand to the last.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let operands = try inputs.compactMap { $0 }.map { try $0.broadcast(to: shape) }
    let type = operands[0].scalarType
    if type.isFloatingPoint {
      var total = try operands[0].reals()
      for operand in operands.dropFirst() {
        let next = try operand.reals()
        for index in total.indices { total[index] = combine(total[index], next[index]) }
      }
      for index in total.indices { total[index] = finish(total[index], count: operands.count) }
      return [try Tensor(reals: total, shape: shape, as: type)]
    }
    var total = try operands[0].wholes()
    for operand in operands.dropFirst() {
      let next = try operand.wholes()
      for index in total.indices { total[index] = combineInteger(total[index], next[index]) }
    }
    return [try Tensor(wholes: total, shape: shape, as: type)]
  }

  /// One per element and operand after the first.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    saturatingProduct([elementCount(outputs.first), Int64(max(0, inputs.count - 1))])
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}

/// The larger of two numbers; NaN where either is.
func larger(_ a: Double, _ b: Double) -> Double { a.isNaN || a > b ? a : b }
/// The smaller of two numbers; NaN where either is.
func smaller(_ a: Double, _ b: Double) -> Double { a.isNaN || a < b ? a : b }
