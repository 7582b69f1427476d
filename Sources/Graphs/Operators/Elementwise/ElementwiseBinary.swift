import Diagnostics
public import Tensors

/// An operator that combines two operands element by element, broadcasting them.
public protocol ElementwiseBinary: Operator {
  /// The result for one pair of floating-point elements.
  func apply(_ a: Double, _ b: Double) -> Double
  /// The result for one pair of integers.
  /// - Throws: `graph.invalid-operand` where it is not defined.
  func applyInteger(_ a: Int64, _ b: Int64) throws -> Int64
}

extension ElementwiseBinary {
  /// None, by default.
  public var attributes: [String: Attribute] { [:] }

  /// The broadcast shape.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let a: TensorType = try inputs.required(0, of: Self.name).type
    let b: TensorType = try inputs.required(1, of: Self.name).type
    try checkElements(a.scalarType, of: Self.name, integers: true)
    try checkSame(a.scalarType, b.scalarType, of: Self.name)
    return [TensorType(a.scalarType, try broadcast(a.dimensions, b.dimensions))]
  }

  /// ``apply(_:_:)`` of every pair.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let a: Tensor = try inputs.required(0, of: Self.name)
    let b: Tensor = try inputs.required(1, of: Self.name)
    let type = a.scalarType
    if type.isFloatingPoint { return [try a.combineReals(b, shape: shape, apply)] }
    let left = try a.broadcast(to: shape).wholes()
    let right = try b.broadcast(to: shape).wholes()
    let values = try left.indices.map { try applyInteger(left[$0], right[$0]) }
    return [try Tensor(wholes: values, shape: shape, as: type)]
  }

  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
  /// Fused multiply-adds round once less.
  public var tolerance: Tolerance { .rounding }
}

extension Tensor {
  /// Pairs of floating-point elements combined in double precision, after broadcasting.
  func combineReals(
    _ other: Tensor,
    shape: Shape,
    _ combine: (Double, Double) -> Double
  ) throws -> Tensor {
    let a = try broadcast(to: shape)
    let b = try other.broadcast(to: shape)
    guard scalarType == .float32, other.scalarType == .float32 else {
      let left = try a.reals()
      let right = try b.reals()
      let values = left.indices.map { combine(left[$0], right[$0]) }
      return try Tensor(reals: values, shape: shape, as: scalarType)
    }
    return try a.withScalars(of: Float.self) { a in
      try b.withScalars(of: Float.self) { b in
        Tensor(shape: shape, of: Float.self) { y in
          for index in 0..<y.count { y[index] = Float(combine(Double(a[index]), Double(b[index]))) }
        }
      }
    }
  }
}

/// - Throws: `graph.invalid-operand` where the element type is not one that the operator takes.
func checkElements(_ type: ScalarType, of name: String, integers: Bool) throws {
  guard type.isFloatingPoint || (integers && type != .bool) else {
    throw DeployError.operand("\(name) does not take elements of type \(type.rawValue)")
  }
}

/// - Throws: `graph.invalid-operand` where two element types differ.
func checkSame(_ a: ScalarType, _ b: ScalarType, of name: String) throws {
  guard a == b else {
    throw DeployError.operand(
      "\(name) needs operands of one element type, not \(a.rawValue) and \(b.rawValue)"
    )
  }
}
