import Diagnostics

/// Memory of one shape and type that a session reads or writes again and again.
///
/// Not Sendable: it belongs to the session that lends it, and is one caller's at a time.
public final class TensorBuffer {
  /// The extents, outermost first.
  public let shape: Shape
  /// The element type.
  public let scalarType: ScalarType
  /// The elements. Valid while this object lives.
  public let bytes: UnsafeMutableRawBufferPointer
  private let release: () -> Void

  /// Allocates zeroed memory, aligned for vector loads.
  public init(shape: Shape, scalarType: ScalarType) {
    self.shape = shape
    self.scalarType = scalarType
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: shape.count * scalarType.byteCount,
      alignment: OwnedBytes.alignment
    )
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    self.bytes = bytes
    release = { bytes.deallocate() }
  }

  /// Wraps memory of a backend, which `release` gives back.
  public init(
    shape: Shape,
    scalarType: ScalarType,
    bytes: UnsafeMutableRawBufferPointer,
    release: @escaping () -> Void
  ) {
    precondition(bytes.count == shape.count * scalarType.byteCount)
    self.shape = shape
    self.scalarType = scalarType
    self.bytes = bytes
    self.release = release
  }

  deinit { release() }

  /// Lends the elements as typed memory.
  /// - Throws: `tensor.scalar-type-mismatch`.
  public func withScalars<Scalar: TensorScalar, Result>(
    of type: Scalar.Type,
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
  ) throws -> Result {
    guard Scalar.scalarType == scalarType else {
      throw DeployError(
        .tensorScalarTypeMismatch,
        "buffer holds \(scalarType.rawValue), not \(Scalar.scalarType.rawValue)"
      )
    }
    return try body(bytes.bindMemory(to: Scalar.self))
  }

  /// Copies a tensor of the same shape and type into this memory.
  /// - Throws: `tensor.count-mismatch`, `tensor.scalar-type-mismatch`.
  public func copy(_ tensor: Tensor) throws {
    guard tensor.scalarType == scalarType else {
      throw DeployError(
        .tensorScalarTypeMismatch,
        "buffer holds \(scalarType.rawValue), the tensor \(tensor.scalarType.rawValue)"
      )
    }
    guard tensor.shape == shape else {
      throw DeployError(
        .tensorCountMismatch,
        "buffer has shape \(shape), the tensor \(tensor.shape)"
      )
    }
    try tensor.withBytes { bytes.copyMemory(from: $0) }
  }

  /// A copy of what the memory holds now.
  public func tensor() -> Tensor {
    Tensor(shape: shape, scalarType: scalarType) {
      $0.copyMemory(from: UnsafeRawBufferPointer(bytes))
    }
  }
}
