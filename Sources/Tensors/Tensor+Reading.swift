import Diagnostics

extension Tensor {
  /// Lends the elements' bytes in row-major order, little-endian.
  public func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    switch storage {
    case .owned(let owned):
      return try withExtendedLifetime(owned) { try body(UnsafeRawBufferPointer(owned.bytes)) }
    case .borrowed(let borrowed):
      return try withExtendedLifetime(borrowed.owner) { try body(borrowed.bytes) }
    case .deferred(let recipe):
      let tensor = try recipe()
      precondition(tensor.shape.count == shape.count && tensor.scalarType == scalarType)
      return try tensor.withBytes(body)
    }
  }

  /// Lends the elements as typed memory.
  /// - Throws: `tensor.scalar-type-mismatch` when `Scalar` is not the stored type.
  public func withScalars<Scalar: TensorScalar, Result>(
    of type: Scalar.Type,
    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
  ) throws -> Result {
    guard Scalar.scalarType == scalarType else {
      throw DeployError(
        .tensorScalarTypeMismatch,
        "tensor holds \(scalarType.rawValue), not \(Scalar.scalarType.rawValue)"
      )
    }
    return try withBytes { try body($0.bindMemory(to: Scalar.self)) }
  }

  /// A copy of the elements.
  /// - Throws: `tensor.scalar-type-mismatch`.
  public func scalars<Scalar: TensorScalar>(of type: Scalar.Type) throws -> [Scalar] {
    try withScalars(of: type) { Array($0) }
  }
}

extension Tensor: Hashable {
  /// Equal in type, shape and every bit (so NaN equals the same NaN, and -0 is not 0).
  ///
  /// A deferred tensor is computed for this; one that fails to compute equals nothing.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    guard left.scalarType == right.scalarType, left.shape == right.shape else { return false }
    let isEqual = try? left.withBytes { a in try right.withBytes { b in a.elementsEqual(b) } }
    return isEqual ?? false
  }

  /// Feeds type, shape and at most the first kilobyte.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(scalarType)
    hasher.combine(shape)
    guard case .deferred = storage else {
      try? withBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(1024))) }
      return
    }
  }
}
