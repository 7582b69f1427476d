import Backends
import COpenVINO
import Diagnostics
import Synchronization

/// A network built by OpenVINO, released with this object.
// OpenVINO documents a compiled model as usable from any thread; the pointer never changes, and
// it is released when nobody can run it any more. The counter is atomic.
final class OpenVINONetwork: @unchecked Sendable {
  let library: OpenVINOLibrary
  let pointer: OpaquePointer
  /// Runs so far over all sessions: the library's layer times are averages over them.
  let runCount = Atomic<Int>(0)

  /// Where a network comes from.
  enum Source {
    case file(String)
    case bytes(UnsafeRawBufferPointer)
  }

  /// Reads and builds a network.
  /// - Throws: `backend.failed`, with what the library says of the file.
  init(_ source: Source, library: OpenVINOLibrary, options: OpenVINOOptions) throws {
    self.library = library
    let (table, call, core) = (library.table, library.call, library.core)
    let model = try call.create("network") { model in
      switch source {
      case .file(let path): vtOvReadFile(table, core, path, &model)
      case .bytes(let bytes):
        vtOvReadBytes(table, core, bytes.baseAddress, bytes.count, &model)
      }
    }
    defer { vtOvFreeModel(table, model) }
    pointer = try options.withBuild { build in
      try call.create("plan") { vtOvBuild(table, core, model, build, &$0) }
    }
  }

  deinit { vtOvFreeCompiled(library.table, pointer) }
}
