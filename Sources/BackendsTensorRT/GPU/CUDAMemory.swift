import Backends
import CTensorRT
import Diagnostics
import Tensors

/// Bytes on the GPU, given back in the order of the stream where the driver has a pool.
final class CUDABlock {
  let address: UInt64
  let byteCount: Int
  let stream: CUDAStream

  init(_ byteCount: Int, _ stream: CUDAStream) throws {
    let (driver, table) = (stream.driver, stream.driver.table)
    var address: UInt64 = 0
    // An address is needed even where there is nothing to hold.
    let size = max(1, byteCount)
    let code =
      driver.hasPool
      ? table.allocateInOrder(&address, size, stream.pointer) : table.allocate(&address, size)
    try driver.check("allocate \(byteCount) bytes on the GPU", code)
    self.address = address
    self.byteCount = byteCount
    self.stream = stream
  }

  deinit {
    let (driver, table) = (stream.driver, stream.driver.table)
    try? driver.enter()
    if driver.hasPool {
      _ = table.releaseInOrder(address, stream.pointer)
    } else {
      stream.settle()
      _ = table.release(address)
    }
  }

  /// Copies to the GPU; the source must stay until the stream is done.
  func upload(_ source: UnsafeRawBufferPointer) throws {
    guard let start = source.baseAddress, !source.isEmpty else { return }
    precondition(source.count <= byteCount)
    let code = stream.driver.table.copyToDevice(address, start, source.count, stream.pointer)
    try stream.driver.check("copy to the GPU", code)
  }

  /// Copies from the GPU; what arrives may be read when the stream is done.
  func download(_ target: UnsafeMutableRawBufferPointer) throws {
    guard let start = target.baseAddress, !target.isEmpty else { return }
    precondition(target.count <= byteCount)
    let code = stream.driver.table.copyToHost(start, address, target.count, stream.pointer)
    try stream.driver.check("copy from the GPU", code)
  }
}

/// Pinned memory of the host, which the GPU copies from and to by itself.
final class CUDAPinned {
  let bytes: UnsafeMutableRawBufferPointer
  private let driver: CUDADriver

  init(_ byteCount: Int, _ driver: CUDADriver) throws {
    var host: UnsafeMutableRawPointer?
    let code = driver.table.allocateHost(&host, max(1, byteCount), 0)
    try driver.check("allocate \(byteCount) bytes of pinned memory", code)
    guard let host else { throw DeployError(.backendFailed, "CUDA gave no pinned memory") }
    bytes = UnsafeMutableRawBufferPointer(start: host, count: byteCount)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    self.driver = driver
  }

  deinit {
    try? driver.enter()
    _ = driver.table.releaseHost(bytes.baseAddress)
  }
}

/// An input or output on the GPU, and pinned memory of the same size that the caller reads and
/// writes, which is made when somebody asks for it.
final class CUDAMemory {
  let shape: Shape
  let scalarType: ScalarType
  let device: CUDABlock
  private var host: TensorBuffer?

  init(_ shape: Shape, _ scalarType: ScalarType, _ stream: CUDAStream) throws {
    self.shape = shape
    self.scalarType = scalarType
    device = try CUDABlock(shape.count * scalarType.byteCount, stream)
  }

  /// The memory of the host; the same object each time.
  func buffer() throws -> TensorBuffer {
    if let host { return host }
    try device.stream.driver.enter()
    let pinned = try CUDAPinned(device.byteCount, device.stream.driver)
    let made = TensorBuffer(shape: shape, scalarType: scalarType, bytes: pinned.bytes) {
      withExtendedLifetime(pinned) {}
    }
    host = made
    return made
  }

  func upload() throws { try device.upload(UnsafeRawBufferPointer(try buffer().bytes)) }
  func download() throws { try device.download(try buffer().bytes) }
}
