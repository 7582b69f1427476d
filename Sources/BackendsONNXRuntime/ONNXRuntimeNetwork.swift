import CONNXRuntime
import Diagnostics

/// A network loaded into ONNX Runtime, released with this object.
// Source: ONNX Runtime documents an inference session's Run as safe from several threads; the
// pointer never changes, and it is released when nobody can run it any more.
final class ONNXRuntimeNetwork: @unchecked Sendable {
  let library: ONNXRuntimeLibrary
  let pointer: OpaquePointer

  /// Where a network comes from.
  enum Source {
    case file(String)
    case bytes(UnsafeRawBufferPointer)
  }

  /// Loads and prepares a network.
  /// - Throws: `backend.failed`, with what the library says of the file.
  init(_ source: Source, library: ONNXRuntimeLibrary, options: ONNXRuntimeOptions) throws {
    self.library = library
    let (table, call) = (library.table, library.call)
    let settings = try options.make(library)
    defer { vtOrtReleaseSessionOptions(table, settings) }
    pointer =
      switch source {
      case .file(let path):
        try call.create("session") {
          vtOrtCreateSession(table, library.environment, path, settings, &$0)
        }
      case .bytes(let bytes):
        try call.create("session") {
          vtOrtCreateSessionFromBytes(
            table,
            library.environment,
            bytes.baseAddress,
            bytes.count,
            settings,
            &$0
          )
        }
      }
  }

  deinit { vtOrtReleaseSession(library.table, pointer) }
}
