import Backends
import CTensorRT
import Diagnostics

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

  /// Waits likewise before memory that the work may use is given back; what failed is known already.
  func settle() { _ = driver.table.synchronize(pointer) }
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
