import Diagnostics
import Synchronization
import Tensors
import Testing

@Suite struct TensorStorageTests {
  /// Memory that says when it goes.
  final class Owner: Sendable {
    let ended: @Sendable () -> Void
    init(_ ended: @escaping @Sendable () -> Void) { self.ended = ended }
    deinit { ended() }
  }

  /// Whoever else holds the elements keeps them as they are.
  @Test func updatingLeavesOthersAlone() throws {
    let original = try Tensor([1, 2, 3] as [Float], shape: [3])
    var copy = original
    try copy.update(of: Float.self) { $0[0] = 7 }
    #expect(try original.scalars(of: Float.self) == [1, 2, 3])
    #expect(try copy.scalars(of: Float.self) == [7, 2, 3])
    var deferred = Tensor(deferred: [3], .float32) { original }
    let twin = deferred
    try deferred.update(of: Float.self) { $0[1] = 9 }
    #expect(try deferred.scalars(of: Float.self) == [1, 9, 3])
    #expect(try twin.scalars(of: Float.self) == [1, 2, 3])
    #expect(try original.scalars(of: Float.self) == [1, 2, 3])
    #expect(throws: DeployError.self) { try deferred.update(of: Int32.self) { _ in } }
  }

  /// Elements that nobody else holds stay where they are.
  @Test func updatingOwnElementsCopiesNothing() throws {
    var tensor = try Tensor([1, 2] as [Float], shape: [2])
    let before = try tensor.withBytes { UInt(bitPattern: $0.baseAddress) }
    try tensor.update(of: Float.self) { $0[0] = 5 }
    #expect(try tensor.withBytes { UInt(bitPattern: $0.baseAddress) } == before)
    #expect(try tensor.scalars(of: Float.self) == [5, 2])
  }

  @Test func alignedMemoryIsBorrowedMisalignedCopied() throws {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 20, alignment: 16)
    defer { memory.deallocate() }
    memory.copyBytes(from: (0..<20).map(UInt8.init))
    let owner = Owner {}
    let aligned = try Tensor(
      borrowing: UnsafeRawBufferPointer(rebasing: memory[4..<12]),
      of: owner,
      shape: [2],
      scalarType: .float32
    )
    let misaligned = try Tensor(
      borrowing: UnsafeRawBufferPointer(rebasing: memory[5..<13]),
      of: owner,
      shape: [2],
      scalarType: .float32
    )
    let first = try #require(memory.baseAddress)
    try aligned.withBytes { #expect($0.baseAddress == UnsafeRawPointer(first) + 4) }
    try misaligned.withBytes {
      #expect(Int(bitPattern: $0.baseAddress) % 4 == 0)
      #expect(Array($0) == (5..<13).map(UInt8.init))
    }
    #expect(try misaligned.scalars(of: Float.self).count == 2)
  }

  @Test func theOwnerLivesAsLongAsTheTensor() throws {
    let hasEnded = Mutex(false)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 4)
    memory.storeBytes(of: 7, as: Int32.self)
    try Self.borrow(memory) {
      hasEnded.withLock { $0 = true }
    } body: { (tensor: Tensor) throws in
      #expect(!hasEnded.withLock { $0 })
      #expect(try tensor.reshaped(to: [1, 1]).integers() == [7])
    }
    #expect(hasEnded.withLock { $0 })
    memory.deallocate()
  }

  @inline(never) private static func borrow(
    _ memory: UnsafeMutableRawBufferPointer,
    ended: @escaping @Sendable () -> Void,
    body: (Tensor) throws -> Void
  ) throws {
    let bytes = UnsafeRawBufferPointer(memory)
    try body(try Tensor(borrowing: bytes, of: Owner(ended), shape: [1], scalarType: .int32))
  }

  @Test func truthValuesOfFilesAreMadeZeroOrOne() throws {
    let bytes: [UInt8] = [0, 1, 2, 255]
    try bytes.withUnsafeBytes { bytes in
      for tensor in [
        try Tensor(copying: bytes, shape: [4], scalarType: .bool),
        try Tensor(borrowing: bytes, of: Owner {}, shape: [4], scalarType: .bool),
      ] {
        #expect(try tensor.withBytes(Array.init) == [0, 1, 1, 1])
      }
    }
  }

  @Test func wrongCountsAreRefused() throws {
    let bytes = [UInt8](repeating: 0, count: 8)
    let huge = Shape([1 << 62, 1 << 62])
    bytes.withUnsafeBytes { bytes in
      for shape in [[3], [], [2, 2], huge] as [Shape] {
        let error = #expect(throws: DeployError.self) {
          try Tensor(copying: bytes, shape: shape, scalarType: .float32)
        }
        #expect(error?.id == .tensorCountMismatch)
        let other = #expect(throws: DeployError.self) {
          try Tensor(borrowing: bytes, of: Owner {}, shape: shape, scalarType: .float32)
        }
        #expect(other?.id == .tensorCountMismatch)
      }
    }
    let tensor = try Tensor([1, 2, 3] as [Float], shape: [3])
    #expect(throws: DeployError.self) { try tensor.reshaped(to: [2] as Shape) }
    let error = #expect(throws: DeployError.self) { try tensor.scalars(of: Double.self) }
    #expect(error?.id == .tensorScalarTypeMismatch)
  }

  @Test func aDeferredTensorIsMadeForEachReader() throws {
    let made = Mutex(0)
    let tensor = Tensor(deferred: [2], .float32) {
      made.withLock { $0 += 1 }
      return try Tensor([1, 2] as [Float], shape: [2])
    }
    #expect(made.withLock { $0 } == 0)
    let shaped = try tensor.reshaped(to: [2, 1])
    #expect(made.withLock { $0 } == 0)
    #expect(try shaped.floats() == [1, 2])
    _ = try tensor.floats()
    #expect(made.withLock { $0 } == 2)
    let kept = try tensor.materialized()
    _ = try kept.floats()
    _ = try kept.floats()
    #expect(made.withLock { $0 } == 3)
  }

  @Test func aDeferredTensorThatFailsEqualsNothing() throws {
    let broken = Tensor(deferred: [1], .float32) { throw DeployError("a.b", "c") }
    #expect(broken != broken)
    #expect(throws: DeployError.self) { try broken.floats() }
  }

  @Test func equalityIsOfBits() throws {
    let nan = try Tensor([Float.nan], shape: [1])
    #expect(nan == nan)
    #expect(try Tensor([Float(0)], shape: [1]) != Tensor([-Float(0)], shape: [1]))
    #expect(try Tensor([Float(0)], shape: [1]) != Tensor([Float(0)], shape: []))
    #expect(try Tensor([Int32(0)], shape: [1]) != Tensor([Float(0)], shape: [1]))
  }

  @Test func shapesCountWithoutOverflow() {
    #expect(Shape.checkedCount([1 << 31, 1 << 31, 4]) == nil)
    #expect(Shape.checkedCount([2, -1]) == nil)
    #expect(Shape.checkedCount([1 << 40, 0]) == 0)
    #expect(Shape.checkedCount([]) == 1)
    #expect(Shape([2, 3, 4]).strides == [12, 4, 1])
  }
}
