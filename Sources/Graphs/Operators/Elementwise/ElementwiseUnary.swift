public import Tensors

/// An operator that maps every element by itself.
public protocol ElementwiseUnary: Operator {
  /// Whether integers are accepted too.
  static var acceptsIntegers: Bool { get }
  /// The result for one floating-point element.
  func apply(_ x: Double) -> Double
  /// The result for one integer.
  func applyInteger(_ x: Int64) -> Int64
}

extension ElementwiseUnary {
  /// Floating point only, by default.
  public static var acceptsIntegers: Bool { false }
  /// The integer, by default.
  public func applyInteger(_ x: Int64) -> Int64 { x }
  /// None, by default.
  public var attributes: [String: Attribute] { [:] }

  /// The operand's type.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let type: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(type.scalarType, of: Self.name, integers: Self.acceptsIntegers)
    return [type]
  }

  /// ``apply(_:)`` of every element.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let x: Tensor = try inputs.required(0, of: Self.name)
    if x.scalarType.isFloatingPoint { return [try x.mapReals(apply)] }
    return [try Tensor(wholes: x.wholes().map(applyInteger), shape: x.shape, as: x.scalarType)]
  }

  /// One per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(outputs.first)
  }
  /// Another exponential, or fused multiply-adds.
  public var tolerance: Tolerance { .rounding }
}

extension Tensor {
  /// Floating-point elements mapped one by one, computed in double precision.
  func mapReals(_ transform: (Double) -> Double) throws -> Tensor {
    guard scalarType == .float32 else {
      return try Tensor(reals: reals().map(transform), shape: shape, as: scalarType)
    }
    return try withScalars(of: Float.self) { x in
      Tensor(shape: shape, of: Float.self) { y in
        for index in 0..<x.count { y[index] = Float(transform(Double(x[index]))) }
      }
    }
  }
}
