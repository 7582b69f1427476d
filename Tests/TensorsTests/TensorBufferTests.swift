import Diagnostics
import Tensors
import Testing

@Suite struct TensorBufferTests {
  @Test func newMemoryIsZeroAndAligned() throws {
    let buffer = TensorBuffer(shape: [3, 5], scalarType: .float32)
    #expect(buffer.bytes.count == 60)
    #expect(buffer.bytes.allSatisfy { $0 == 0 })
    #expect(Int(bitPattern: buffer.bytes.baseAddress) % 64 == 0)
  }

  @Test func whatIsCopiedInComesOut() throws {
    let buffer = TensorBuffer(shape: [2, 2], scalarType: .int32)
    let tensor = try Tensor([1, 2, 3, 4] as [Int32], shape: [2, 2])
    try buffer.copy(tensor)
    let copy = buffer.tensor()
    try buffer.withScalars(of: Int32.self) { $0[0] = 9 }
    #expect(copy == tensor)
    #expect(try buffer.tensor().integers() == [9, 2, 3, 4])
  }

  @Test func anotherShapeOrTypeIsRefused() throws {
    let buffer = TensorBuffer(shape: [2], scalarType: .float32)
    let long = #expect(throws: DeployError.self) {
      try buffer.copy(Tensor([1, 2, 3] as [Float], shape: [3]))
    }
    #expect(long?.id == .tensorCountMismatch)
    let other = #expect(throws: DeployError.self) {
      try buffer.copy(Tensor([1, 2] as [Int32], shape: [2]))
    }
    #expect(other?.id == .tensorScalarTypeMismatch)
    #expect(throws: DeployError.self) { try buffer.withScalars(of: Int8.self) { _ in } }
  }

  @Test func memoryOfABackendIsGivenBackOnce() {
    var count = 0
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)
    do {
      let buffer = TensorBuffer(shape: [2], scalarType: .float32, bytes: memory) {
        count += 1
        memory.deallocate()
      }
      #expect(buffer.bytes.baseAddress == memory.baseAddress)
      #expect(count == 0)
    }
    #expect(count == 1)
  }
}
