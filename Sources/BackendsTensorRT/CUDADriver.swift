import Backends
import CTensorRT
import Diagnostics
import Glibc
import Synchronization

/// NVIDIA's driver with its first device, opened at run time. Needs no CUDA toolkit.
// Everything is written in `init`; the driver may be called from any thread.
final class CUDADriver: @unchecked Sendable {
  /// The device's compute capability, such as 86.
  let capability: Int
  let table: VTCuTable
  private let context: OpaquePointer

  private static let opened = Mutex<CUDADriver?>(nil)

  /// The driver, opened once in a process.
  /// - Throws: `backend.unavailable`, where there is no driver or no device.
  static func shared() throws -> CUDADriver {
    try opened.withLock { opened in
      if let driver = opened { return driver }
      let driver = try CUDADriver()
      opened = driver
      return driver
    }
  }

  private init() throws {
    guard let library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL) else {
      let words = dlerror().map { String(cString: $0) } ?? "libcuda.so.1 cannot be opened"
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
    var (device, major, minor): (Int32, Int32, Int32) = (0, 0, 0)
    code = table.device(&device, 0)
    // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.
    if code == 0 { code = table.attribute(&major, 75, device) }
    if code == 0 { code = table.attribute(&minor, 76, device) }
    var context: OpaquePointer?
    if code == 0 { code = table.retainContext(&context, device) }
    guard code == 0, let context else {
      throw Self.unavailable("the GPU cannot be used: \(Self.text(of: code, table))")
    }
    self.context = context
    capability = Int(major * 10 + minor)
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
