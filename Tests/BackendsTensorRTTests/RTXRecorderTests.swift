import Backends
import CTensorRT
import Diagnostics
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import BackendsTensorRT

/// Both releases that `Scripts/setup tensorrt-rtx` unpacks.
private enum RTXLibraries {
  static let paths = ["1.4.0.76", "1.7.1.116"].map {
    Engines.folder + "/tensorrt-rtx-cu13-libs-\($0)/libtensorrt_rtx.so.1"
  }
  static var areAvailable: Bool { paths.allSatisfy { access($0, R_OK) == 0 } }
}

@Suite(
  "The error recorder, with TensorRT for RTX itself",
  .enabled(if: RTXLibraries.areAvailable, "run Scripts/setup tensorrt-rtx"),
  .serialized
)
struct RTXRecorderTests {
  @Test("a builder reports to its own recorder what it refuses", arguments: RTXLibraries.paths)
  func records(_ path: String) throws {
    let library = try TensorRTLibrary.open(.rtx, path: path)
    let table = library.table
    try library.turn.withLock { _ in
      library.log.clear()
      let builder = try library.makeBuilder()
      let recorder = TensorRTRecorder(table)
      vtTrtSetBuilderRecorder(table, builder.pointer, recorder.recorder)
      defer { vtTrtSetBuilderRecorder(table, builder.pointer, nil) }
      let made = vtTrtCreateNetwork(table, builder.pointer)
      let network = try library.object("network", of: builder, made)
      let settings = vtTrtCreateConfig(table, builder.pointer)
      let config = try library.object("configuration", of: builder, settings)
      #expect(recorder.words == nil)
      // A network without outputs cannot be built.
      #expect(vtTrtBuild(table, builder.pointer, network.pointer, config.pointer) == nil)
      #expect(recorder.words != nil)
      recorder.clear()
      #expect(recorder.words == nil)
    }
  }
}
