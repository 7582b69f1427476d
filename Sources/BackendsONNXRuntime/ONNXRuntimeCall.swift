import Backends
import CONNXRuntime
import Diagnostics

/// Calls into ONNX Runtime whose failures become errors with the library's own words.
struct ONNXRuntimeCall {
  let table: VTOrtTable

  /// Throws what a status says, if it says something, and releases it.
  /// - Throws: `backend.failed`.
  func check(_ action: @autoclosure () -> String, _ status: OpaquePointer?) throws {
    guard let status else { return }
    defer { vtOrtReleaseStatus(table, status) }
    let text = vtOrtErrorMessage(table, status).map { String(cString: $0) } ?? "unknown failure"
    throw DeployError(
      .backendFailed,
      "onnxruntime failed to \(action()): \(text.split(whereSeparator: \.isNewline).joined(separator: " "))"
    )
  }

  /// Releases a status whose failure changes nothing, as when freeing.
  func ignore(_ status: OpaquePointer?) {
    if let status { vtOrtReleaseStatus(table, status) }
  }

  /// Runs a call that makes an object.
  /// - Throws: `backend.failed`.
  func create(
    _ what: String,
    _ body: (inout OpaquePointer?) -> OpaquePointer?
  ) throws -> OpaquePointer {
    var object: OpaquePointer?
    try check("create its \(what)", body(&object))
    guard let object else {
      throw DeployError(.backendFailed, "onnxruntime gave no \(what)")
    }
    return object
  }
}
