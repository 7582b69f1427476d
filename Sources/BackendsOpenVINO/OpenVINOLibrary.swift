import Backends
import COpenVINO
import Diagnostics
import Glibc

/// An opened OpenVINO: its functions and its core.
///
/// The library is never unloaded: its threads and thread-local data do not allow it.
// The table never changes after `init`, and the core is documented to be used from any thread;
// no other stored property changes.
final class OpenVINOLibrary: @unchecked Sendable {
  /// Where the library was found, as it was opened.
  let path: String
  /// `2026.4.1`.
  let version: String
  let table: UnsafePointer<VTOvTable>
  let core: OpaquePointer

  /// Opens the library at `path`, or of that name on the loader's search path.
  /// - Throws: `backend.unavailable`, with what the loader or the library says.
  init(path: String) throws {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw Self.unavailable(dlerror().map { String(cString: $0) } ?? "'\(path)' cannot be opened")
    }
    let table = UnsafeMutablePointer<VTOvTable>.allocate(capacity: 1)
    if let missing = vtOvFill(handle, table) {
      table.deallocate()
      throw Self.unavailable("'\(path)' is not OpenVINO: it has no \(String(cString: missing))")
    }
    let call = OpenVINOCall(table: table)
    var core: OpaquePointer?
    do {
      version = try call.version()
      try call.checkElementTypes()
      try call.check("start", vtOvCreateCore(table, &core))
    } catch {
      table.deallocate()
      throw Self.unavailable("\((error as? DeployError)?.diagnostics.first?.message ?? "\(error)")")
    }
    guard let core else {
      table.deallocate()
      throw Self.unavailable("'\(path)' gave no core")
    }
    self.path = path
    self.table = UnsafePointer(table)
    self.core = core
  }

  deinit {
    vtOvFreeCore(table, core)
    table.deallocate()
  }

  /// The calls that can fail, with errors as `DeployError`.
  var call: OpenVINOCall { OpenVINOCall(table: table) }

  /// What the processor computes without widening it first, such as `BF16`; opens the plugin.
  /// - Throws: `backend.failed`.
  func capabilities() throws -> [Substring] {
    var text: UnsafeMutablePointer<CChar>?
    let key = "OPTIMIZATION_CAPABILITIES"
    try call.check("ask for \(key)", vtOvProcessorProperty(table, core, key, &text))
    return call.takeText(text).split { $0 == " " || $0 == "," }
  }

  static func unavailable(_ message: String) -> DeployError {
    DeployError(
      .backendUnavailable,
      "OpenVINO cannot be used: \(message)",
      remedy: "run Scripts/setup openvino, or name the library's file"
    )
  }
}
