public import Diagnostics

/// A dense, row-major, immutable block of scalars. Copying is O(1).
///
/// The element type is a value, not a generic parameter; `withScalars(of:)` gives typed memory.
public struct Tensor: Sendable {
  /// The extents, outermost first.
  public let shape: Shape
  /// The element type.
  public let scalarType: ScalarType
  private(set) var storage: TensorStorage

  /// The size of the elements in bytes.
  public var byteCount: Int { shape.count * scalarType.byteCount }

  /// Creates a tensor from its elements in row-major order.
  /// - Throws: `tensor.count-mismatch` when `scalars` does not fill `shape`.
  public init<Scalar: TensorScalar>(_ scalars: [Scalar], shape: Shape) throws {
    try Self.check(scalars.count, fills: shape)
    self.init(shape: shape, scalarType: Scalar.scalarType) { bytes in
      scalars.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }
  }

  /// Creates a tensor of rank 0.
  public init<Scalar: TensorScalar>(scalar: Scalar) {
    self.init(shape: [], scalarType: Scalar.scalarType) { bytes in
      bytes.storeBytes(of: scalar, as: Scalar.self)
    }
  }

  /// Creates a tensor whose bytes `fill` writes, every one of them.
  public init(
    shape: Shape,
    scalarType: ScalarType,
    fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    self.shape = shape
    self.scalarType = scalarType
    let byteCount = shape.count * scalarType.byteCount
    storage = .owned(try OwnedBytes(byteCount: byteCount, fill))
  }

  /// Creates a tensor whose elements `fill` writes, every one of them.
  public init<Scalar: TensorScalar>(
    shape: Shape,
    of type: Scalar.Type,
    fill: (UnsafeMutableBufferPointer<Scalar>) throws -> Void
  ) rethrows {
    try self.init(shape: shape, scalarType: Scalar.scalarType) { bytes in
      try fill(bytes.bindMemory(to: Scalar.self))
    }
  }

  /// Creates a tensor over memory that `owner` keeps alive and never changes; no copy is made
  /// unless the address is not aligned for the element type or the type is `bool` (whose bytes
  /// are made 0 or 1).
  /// - Throws: `tensor.count-mismatch` when `bytes` does not fill `shape`.
  public init(
    borrowing bytes: UnsafeRawBufferPointer,
    of owner: any AnyObject & Sendable,
    shape: Shape,
    scalarType: ScalarType
  ) throws {
    try Self.check(bytes.count, fills: shape, scalarType)
    let isAligned = Int(bitPattern: bytes.baseAddress) % scalarType.byteCount == 0
    guard isAligned, scalarType != .bool else {
      try self.init(copying: bytes, shape: shape, scalarType: scalarType)
      return
    }
    let storage = TensorStorage.borrowed(BorrowedBytes(bytes: bytes, owner: owner))
    self.init(shape: shape, scalarType: scalarType, storage: storage)
  }

  /// Creates a tensor from a copy of little-endian bytes.
  /// - Throws: `tensor.count-mismatch` when `bytes` does not fill `shape`.
  public init(copying bytes: UnsafeRawBufferPointer, shape: Shape, scalarType: ScalarType) throws {
    try Self.check(bytes.count, fills: shape, scalarType)
    self.init(shape: shape, scalarType: scalarType) { target in
      target.copyMemory(from: bytes)
      guard scalarType == .bool else { return }
      for index in target.indices where target[index] != 0 { target[index] = 1 }
    }
  }

  /// Creates a tensor whose elements are computed each time they are read and freed after it.
  ///
  /// A folded or converted weight costs no memory until an encoder asks for it, and then only
  /// one at a time; so exporting needs no second copy of the network.
  /// `recipe` must give the stated shape and type.
  public init(
    deferred shape: Shape,
    _ scalarType: ScalarType,
    recipe: @escaping @Sendable () throws -> Tensor
  ) {
    self.shape = shape
    self.scalarType = scalarType
    storage = .deferred(recipe)
  }

  /// The same elements under another shape of the same count; no copy.
  /// - Throws: `tensor.count-mismatch`.
  public func reshaped(to shape: Shape) throws -> Tensor {
    try Self.check(self.shape.count, fills: shape)
    if case .deferred(let recipe) = storage {
      return Tensor(deferred: shape, scalarType) { try recipe().reshaped(to: shape) }
    }
    return Tensor(shape: shape, scalarType: scalarType, storage: storage)
  }

  /// The same tensor with its elements in memory, so that reading it often is cheap.
  public func materialized() throws -> Tensor {
    guard case .deferred(let recipe) = storage else { return self }
    return try recipe().materialized()
  }

  /// Changes the elements where they lie if nobody else holds them, and a copy of them otherwise.
  /// - Throws: `tensor.scalar-type-mismatch`, and what computing a deferred tensor throws.
  public mutating func update<Scalar: TensorScalar>(
    of type: Scalar.Type,
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Void
  ) throws {
    let none = TensorStorage.deferred { [shape, scalarType] in
      Tensor(shape: shape, scalarType: scalarType) { _ in }
    }
    self = try materialized()
    guard Scalar.scalarType == scalarType, case .owned(var owned) = storage else {
      let copy = try withScalars(of: type) { source in
        Tensor(shape: shape, of: type) { _ = $0.update(fromContentsOf: source) }
      }
      storage = copy.storage
      return try update(of: type, body)
    }
    // With the enumeration's own reference gone, only others can hold the bytes.
    storage = none
    if !isKnownUniquelyReferenced(&owned) {
      owned = OwnedBytes(byteCount: owned.bytes.count) { [owned] in
        $0.copyMemory(from: UnsafeRawBufferPointer(owned.bytes))
      }
    }
    storage = .owned(owned)
    try body(owned.bytes.bindMemory(to: Scalar.self))
  }

  private init(shape: Shape, scalarType: ScalarType, storage: TensorStorage) {
    self.shape = shape
    self.scalarType = scalarType
    self.storage = storage
  }
}

extension Tensor {
  private static func check(_ count: Int, fills shape: Shape) throws {
    guard Shape.checkedCount(shape.dimensions) == count else {
      throw DeployError(
        .tensorCountMismatch,
        "\(count) scalars do not fill shape \(shape)",
        remedy: "pass as many scalars as the shape has"
      )
    }
  }

  private static func check(_ byteCount: Int, fills shape: Shape, _ type: ScalarType) throws {
    guard Shape.checkedCount(shape.dimensions + [type.byteCount]) == byteCount else {
      throw DeployError(
        .tensorCountMismatch,
        "\(byteCount) bytes do not fill shape \(shape) of \(type.rawValue)"
      )
    }
  }
}

extension Diagnostic.ID {
  /// The number of scalars is not what the shape says.
  public static let tensorCountMismatch: Self = "tensor.count-mismatch"
  /// The tensor holds another element type than the one asked for.
  public static let tensorScalarTypeMismatch: Self = "tensor.scalar-type-mismatch"
}
