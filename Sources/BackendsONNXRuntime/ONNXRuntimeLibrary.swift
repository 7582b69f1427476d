import Backends
import CONNXRuntime
import Diagnostics
import Glibc

/// An opened ONNX Runtime: its function table and its environment.
///
/// The library is never unloaded: its threads and thread-local data do not allow it.
// The table is constant memory of the library, the environment and the default allocator are
// documented to be used from any thread, and no stored property changes after `init`.
final class ONNXRuntimeLibrary: @unchecked Sendable {
  /// The interface with everything but ``canProfileRuns``; every release since 1.21 has it.
  private static let oldestInterface = 21
  /// The interface in which single runs can be profiled.
  private static let profilingInterface = 25

  /// Where the library was found, as it was opened.
  let path: String
  /// `1.32.0`.
  let version: String
  let table: VTOrtTable
  let environment: OpaquePointer
  let allocator: OpaquePointer
  let hostMemory: OpaquePointer
  /// Whether a single run can be profiled: since release 1.25.
  let canProfileRuns: Bool

  /// Opens the library at `path`, or of that name on the loader's search path.
  /// - Throws: `backend.unavailable`, with what the loader says.
  init(path: String) throws {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw Self.unavailable(dlerror().map { String(cString: $0) } ?? "'\(path)' cannot be opened")
    }
    guard let symbol = dlsym(handle, "OrtGetApiBase") else {
      throw Self.unavailable("'\(path)' is not ONNX Runtime: it has no OrtGetApiBase")
    }
    let version = vtOrtVersion(symbol).map { String(cString: $0) } ?? "unknown"
    // Releases up to 1.x number their interface x; an older one complains on stderr when asked
    // for a newer table, so it is not asked.
    let newest = Self.interface(of: version)
    let number = min(newest, Self.profilingInterface)
    guard number >= Self.oldestInterface, let table = vtOrtTable(symbol, UInt32(number)) else {
      throw Self.unavailable("'\(path)' is ONNX Runtime \(version), older than 1.21")
    }
    self.path = path
    self.version = version
    self.table = table
    canProfileRuns = number >= Self.profilingInterface
    let call = ONNXRuntimeCall(table: table)
    environment = try call.create("environment") {
      vtOrtCreateEnvironment(table, 4, "vitrine", &$0)
    }
    allocator = try call.create("allocator") { vtOrtDefaultAllocator(table, &$0) }
    hostMemory = try call.create("memory description") { vtOrtCreateHostMemoryInfo(table, &$0) }
  }

  deinit {
    vtOrtReleaseMemoryInfo(table, hostMemory)
    vtOrtReleaseEnvironment(table, environment)
  }

  /// The calls that can fail, with errors as `DeployError`.
  var call: ONNXRuntimeCall { ONNXRuntimeCall(table: table) }

  /// Takes over a text that the library allocated.
  func takeText(_ text: UnsafeMutablePointer<CChar>?) -> String {
    guard let text else { return "" }
    defer { call.ignore(vtOrtFree(table, allocator, text)) }
    return String(cString: text)
  }

  /// The interface number that a release brought: its minor version.
  private static func interface(of version: String) -> Int {
    let numbers = version.split(separator: ".").prefix(2).compactMap { Int($0) }
    guard numbers.count == 2, numbers[0] >= 1 else { return 0 }
    return numbers[0] == 1 ? numbers[1] : profilingInterface
  }

  static func unavailable(_ message: String) -> DeployError {
    DeployError(
      .backendUnavailable,
      "ONNX Runtime cannot be used: \(message)",
      remedy: "run Scripts/setup, or name the library's file"
    )
  }
}
