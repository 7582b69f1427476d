import Backends
import CTensorRT
import Diagnostics
import Tensors

/// A queue of work on the GPU.
final class CUDAStream {
  let driver: CUDADriver
  let pointer: OpaquePointer

  init(_ driver: CUDADriver) throws {
    try driver.enter()
    var stream: OpaquePointer?
    // CU_STREAM_NON_BLOCKING: work of others does not hold it up.
    try driver.check("make a stream", driver.table.createStream(&stream, 1))
    guard let stream else { throw DeployError(.backendFailed, "CUDA gave no stream") }
    self.driver = driver
    pointer = stream
  }

  deinit {
    try? driver.enter()
    _ = driver.table.synchronize(pointer)
    _ = driver.table.destroyStream(pointer)
  }

  /// Waits until everything that was put in is done.
  func synchronize() throws {
    try driver.check("finish the run", driver.table.synchronize(pointer))
  }
}

/// A point in a stream whose time is taken.
final class CUDAEvent {
  private let stream: CUDAStream
  private let pointer: OpaquePointer

  init(_ stream: CUDAStream) throws {
    var event: OpaquePointer?
    try stream.driver.check("make an event", stream.driver.table.createEvent(&event, 0))
    guard let event else { throw DeployError(.backendFailed, "CUDA gave no event") }
    self.stream = stream
    pointer = event
  }

  deinit {
    try? stream.driver.enter()
    _ = stream.driver.table.destroyEvent(pointer)
  }

  func record() throws {
    let code = stream.driver.table.recordEvent(pointer, stream.pointer)
    try stream.driver.check("take the time", code)
  }

  /// The time from another event to this one; both must be over.
  func duration(since start: CUDAEvent) throws -> Duration {
    var milliseconds: Float = 0
    let code = stream.driver.table.elapsed(&milliseconds, start.pointer, pointer)
    try stream.driver.check("read the time", code)
    return .nanoseconds(Int64(Double(milliseconds) * 1e6))
  }
}

/// Memory on the GPU, and pinned memory of the same size that the caller reads and writes.
final class CUDAMemory {
  let buffer: TensorBuffer
  let address: UInt64
  private let stream: CUDAStream

  init(_ shape: Shape, _ scalarType: ScalarType, _ stream: CUDAStream) throws {
    let (driver, table) = (stream.driver, stream.driver.table)
    let count = shape.count * scalarType.byteCount
    var host: UnsafeMutableRawPointer?
    // An address is needed even where there is nothing to hold.
    try driver.check("allocate pinned memory", table.allocateHost(&host, max(1, count), 0))
    guard let host else { throw DeployError(.backendFailed, "CUDA gave no pinned memory") }
    var address: UInt64 = 0
    let code = table.allocate(&address, max(1, count), stream.pointer)
    if code != 0 { _ = table.releaseHost(host) }
    try driver.check("allocate \(count) bytes on the GPU", code)
    self.stream = stream
    self.address = address
    let bytes = UnsafeMutableRawBufferPointer(start: host, count: count)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    buffer = TensorBuffer(shape: shape, scalarType: scalarType, bytes: bytes) {
      try? driver.enter()
      _ = table.releaseHost(host)
    }
  }

  deinit {
    try? stream.driver.enter()
    _ = stream.driver.table.release(address, stream.pointer)
  }

  func upload() throws {
    guard let start = buffer.bytes.baseAddress, !buffer.bytes.isEmpty else { return }
    let table = stream.driver.table
    let code = table.copyToDevice(address, start, buffer.bytes.count, stream.pointer)
    try stream.driver.check("copy to the GPU", code)
  }

  func download() throws {
    guard let start = buffer.bytes.baseAddress, !buffer.bytes.isEmpty else { return }
    let table = stream.driver.table
    let code = table.copyToHost(start, address, buffer.bytes.count, stream.pointer)
    try stream.driver.check("copy from the GPU", code)
  }
}
