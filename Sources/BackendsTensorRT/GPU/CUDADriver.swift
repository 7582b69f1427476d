import Backends
import CTensorRT
import Diagnostics
import Glibc
import Synchronization

/// NVIDIA's driver with its first device, opened at run time. Needs no CUDA toolkit.
// Everything is written in `init`; the driver may be called from any thread.
final class CUDADriver: @unchecked Sendable {
  /// The driver's library as the loader finds it.
  static let libraryName = "libcuda.so.1"

  /// The device's compute capability, such as 86.
  let capability: Int
  let table: VTCuTable
  /// Whether memory is taken from a pool in the order of a stream.
  let hasPool: Bool
  /// The kernels around networks, compiled once for the device.
  let kernels = Mutex<[String: Result<GPUKernels, DeployError>]>([:])
  private let context: OpaquePointer

  private static let opened = Mutex<[String: CUDADriver]>([:])

  /// The driver, opened once in a process.
  /// - Throws: `backend.unavailable`, where there is no driver or no device.
  static func shared(_ path: String = libraryName) throws -> CUDADriver {
    try opened.withLock { opened in
      if let driver = opened[path] { return driver }
      let driver = try CUDADriver(path)
      opened[path] = driver
      return driver
    }
  }

  private init(_ path: String) throws {
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let words = dlerror().map { String(cString: $0) } ?? "'\(path)' cannot be opened"
      throw Self.unavailable("there is no NVIDIA driver: \(words)")
    }
    var table = VTCuTable()
    if let missing = vtCuFill(library, &table) {
      throw Self.unavailable("the NVIDIA driver is too old: it has no \(String(cString: missing))")
    }
    self.table = table
    var code = table.start(0)
    guard code == 0 else {
      throw Self.unavailable("the NVIDIA driver does not start: \(Self.text(of: code, table))")
    }
    var count: Int32 = 0
    code = table.deviceCount(&count)
    guard code == 0, count > 0 else { throw Self.unavailable("the driver finds no GPU") }
    var device: Int32 = 0
    code = table.device(&device, 0)
    func attribute(_ number: Int32) -> Int {
      var value: Int32 = 0
      if code == 0 { code = table.attribute(&value, number, device) }
      return Int(value)
    }
    // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR and MEMORY_POOLS_SUPPORTED.
    capability = attribute(75) * 10 + attribute(76)
    let canPool = table.allocateInOrder != nil && table.releaseInOrder != nil
    hasPool = canPool && attribute(115) != 0
    var context: OpaquePointer?
    if code == 0 { code = table.retainContext(&context, device) }
    guard code == 0, let context else {
      throw Self.unavailable("the GPU cannot be used: \(Self.text(of: code, table))")
    }
    self.context = context
    if hasPool { keepPool(of: device) }
  }

  /// Lets the pool keep what sessions give back, for the next ones: by default it would be returned
  /// at every synchronisation. That it stays is a matter of speed only, so a refusal changes nothing.
  private func keepPool(of device: Int32) {
    var pool: OpaquePointer?
    guard table.defaultPool != nil, table.setPool != nil, table.setContext(context) == 0,
      table.defaultPool(&pool, device) == 0, let pool
    else { return }
    var everything = UInt64.max
    // CU_MEMPOOL_ATTR_RELEASE_THRESHOLD.
    _ = table.setPool(pool, 4, &everything)
  }

  private static func unavailable(_ message: String) -> DeployError {
    DeployError(
      .backendUnavailable,
      message,
      remedy: "run it on a machine with an NVIDIA GPU and its driver, or with another backend"
    )
  }

  private static func text(of code: Int32, _ table: VTCuTable) -> String {
    var pointer: UnsafePointer<CChar>?
    guard table.errorText(code, &pointer) == 0, let pointer else { return "error \(code)" }
    return "\(String(cString: pointer)) (error \(code))"
  }

  /// Makes the device the calling thread's.
  func enter() throws { try check("use the GPU", table.setContext(context)) }

  /// Throws what a failure says.
  func check(_ action: @autoclosure () -> String, _ code: Int32) throws {
    guard code != 0 else { return }
    throw DeployError(
      .backendFailed,
      "CUDA failed to \(action()): \(Self.text(of: code, table))",
      remedy: code == 2 ? "lower the batch, or close what else uses the GPU" : nil
    )
  }
}
