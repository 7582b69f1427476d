import Backends
import COpenVINO
import Diagnostics
import Tensors

/// Calls into OpenVINO whose failures become errors with the library's own words.
struct OpenVINOCall {
  let table: UnsafePointer<VTOvTable>

  /// Throws what a failure says.
  /// - Throws: `backend.failed`.
  func check(_ action: @autoclosure () -> String, _ status: Int32) throws {
    guard status != 0 else { return }
    let reason = vtOvStatusText(table, status).map { String(cString: $0) } ?? "status \(status)"
    var text = ""
    if let failure = vtOvLastFailure(table) {
      text = Self.essence(String(cString: failure))
      vtOvFreeText(table, failure)
    }
    throw DeployError(
      .backendFailed,
      "openvino failed to \(action()): \(text.isEmpty ? reason : text)"
    )
  }

  /// Runs a call that makes an object.
  /// - Throws: `backend.failed`.
  func create(
    _ what: String,
    _ body: (inout OpaquePointer?) -> Int32
  ) throws -> OpaquePointer {
    var object: OpaquePointer?
    try check("create its \(what)", body(&object))
    guard let object else {
      throw DeployError(.backendFailed, "openvino gave no \(what)")
    }
    return object
  }

  /// Takes over a text that the library allocated.
  func takeText(_ text: UnsafeMutablePointer<CChar>?) -> String {
    guard let text else { return "" }
    defer { vtOvFreeText(table, text) }
    return String(cString: text)
  }

  /// `2026.4.1` of `2026.4.1-22982-…`.
  func version() throws -> String {
    var answer = VTOvVersion()
    try check("tell its version", vtOvVersion(table, &answer))
    defer { vtOvFreeVersion(table, &answer) }
    let number = answer.number.map { String(cString: $0) } ?? ""
    let short = number.prefix { $0.isNumber || $0 == "." }
    return short.isEmpty ? number : String(short)
  }

  /// Element types are numbers whose meaning changed between releases (2025 dropped one), so the
  /// library is asked for the sizes of a few.
  /// - Throws: `backend.failed`.
  func checkElementTypes() throws {
    let sizes: [(type: Int32, bytesOfEight: Int)] = [
      (ScalarType.float32.openVINONumber, 32), (ScalarType.float64.openVINONumber, 64),
      (ScalarType.int8.openVINONumber, 8), (ScalarType.int64.openVINONumber, 64),
      (ScalarType.uint8.openVINONumber, 8), (ScalarType.uint8.openVINONumber + 1, 16),
    ]
    for (type, expected) in sizes {
      let tensor = try create("tensor") { vtOvCreateTensor(table, type, [8], 1, &$0) }
      defer { vtOvFreeTensor(table, tensor) }
      var count = 0
      try check("measure a tensor", vtOvTensorByteCount(table, tensor, &count))
      guard count == expected else {
        throw DeployError(
          .backendFailed,
          "this release numbers element types otherwise than 2025 and newer do"
        )
      }
    }
  }

  /// The lines that say something: without the places in the library's own sources.
  private static func essence(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline).filter { line in
      !line.hasPrefix("Exception from ") && !line.allSatisfy { $0 == " " }
    }
    let whole = lines.joined(separator: " ")
    return whole.count > 600 ? whole.prefix(600) + " …" : whole
  }
}
