extension Tensor {
  /// The same values in another element type, by one pass over the elements.
  ///
  /// Between floating-point types: nearest, ties to even. Float to integer: towards zero,
  /// saturating, NaN to 0. To `bool`: whether not zero. Integers wrap as in C.
  /// Source: ONNX Cast, opset 13 (out-of-range behaviour is left open there).
  public func converted(to target: ScalarType) throws -> Tensor {
    guard target != scalarType else { return self }
    if case .deferred(let recipe) = storage {
      return Tensor(deferred: shape, target) { try recipe().converted(to: target) }
    }
    switch scalarType {
    case .float64: return try converted(from: Double.self, to: target) { $0 }
    case .float32: return try converted(from: Float.self, to: target) { Double($0) }
    case .float16: return try converted(from: Float16.self, to: target) { Double($0) }
    case .bfloat16: return try converted(from: BFloat16.self, to: target) { Double(Float($0)) }
    case .int64: return try convertedInteger(from: Int64.self, to: target)
    case .int32: return try convertedInteger(from: Int32.self, to: target)
    case .int16: return try convertedInteger(from: Int16.self, to: target)
    case .int8: return try convertedInteger(from: Int8.self, to: target)
    case .uint8: return try convertedInteger(from: UInt8.self, to: target)
    case .bool:
      return try mapped(from: Bool.self, to: UInt8.self) { $0 ? 1 : 0 }.converted(to: target)
    }
  }

  /// The elements as 32-bit floats, converted where needed.
  public func floats() throws -> [Float] { try converted(to: .float32).scalars(of: Float.self) }

  /// The elements as integers, converted where needed: axes, shapes, counts.
  public func integers() throws -> [Int] {
    try converted(to: .int64).scalars(of: Int64.self).map(Int.init)
  }

  private func converted<Source: TensorScalar>(
    from source: Source.Type,
    to target: ScalarType,
    _ value: (Source) -> Double
  ) throws -> Tensor {
    // A double holds every value of the narrower formats, so one rounding remains: the last.
    switch target {
    case .float64: try mapped(from: source, to: Double.self, value)
    case .float32:
      if Source.self == Float16.self {
        try mapped(from: Float16.self, to: Float.self) { Float($0) }
      } else {
        try mapped(from: source, to: Float.self) { Float(value($0)) }
      }
    case .float16:
      if Source.self == Float.self {
        try mapped(from: Float.self, to: Float16.self) { Float16($0) }
      } else {
        try mapped(from: source, to: Float16.self) { Float16(value($0)) }
      }
    case .bfloat16: try mapped(from: source, to: BFloat16.self) { BFloat16(Float(value($0))) }
    case .int64: try mapped(from: source, to: Int64.self) { Int64(saturating: value($0)) }
    case .int32: try mapped(from: source, to: Int32.self) { Int32(saturating: value($0)) }
    case .int16: try mapped(from: source, to: Int16.self) { Int16(saturating: value($0)) }
    case .int8: try mapped(from: source, to: Int8.self) { Int8(saturating: value($0)) }
    case .uint8: try mapped(from: source, to: UInt8.self) { UInt8(saturating: value($0)) }
    case .bool: try mapped(from: source, to: Bool.self) { value($0) != 0 }
    }
  }

  private func convertedInteger<Source: TensorScalar & FixedWidthInteger>(
    from source: Source.Type,
    to target: ScalarType
  ) throws -> Tensor {
    switch target {
    case .float64: try mapped(from: source, to: Double.self) { Double($0) }
    case .float32: try mapped(from: source, to: Float.self) { Float($0) }
    case .float16: try mapped(from: source, to: Float16.self) { Float16($0) }
    case .bfloat16: try mapped(from: source, to: BFloat16.self) { BFloat16(Float($0)) }
    case .int64: try mapped(from: source, to: Int64.self) { Int64(truncatingIfNeeded: $0) }
    case .int32: try mapped(from: source, to: Int32.self) { Int32(truncatingIfNeeded: $0) }
    case .int16: try mapped(from: source, to: Int16.self) { Int16(truncatingIfNeeded: $0) }
    case .int8: try mapped(from: source, to: Int8.self) { Int8(truncatingIfNeeded: $0) }
    case .uint8: try mapped(from: source, to: UInt8.self) { UInt8(truncatingIfNeeded: $0) }
    case .bool: try mapped(from: source, to: Bool.self) { $0 != 0 }
    }
  }

  private func mapped<Source: TensorScalar, Target: TensorScalar>(
    from source: Source.Type,
    to target: Target.Type,
    _ transform: (Source) -> Target
  ) throws -> Tensor {
    try withScalars(of: source) { scalars in
      Tensor(shape: shape, of: target) { results in
        for index in 0..<scalars.count { results[index] = transform(scalars[index]) }
      }
    }
  }
}

extension FixedWidthInteger {
  /// Rounds towards zero and clamps to the range; NaN becomes 0.
  fileprivate init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else if value <= Double(Self.min) {
      self = .min
    } else if value >= Double(Self.max) {
      self = .max
    } else {
      self = Self(value)
    }
  }
}
