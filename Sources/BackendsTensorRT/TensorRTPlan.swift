import Backends
import CTensorRT
import Diagnostics
import Files
import Graphs
import Synchronization

/// A built engine with its passport. The GPU is first needed when a session is made.
final class TensorRTPlan: Plan {
  /// Where the engine's bytes are.
  enum Engine: Sendable {
    case memory([UInt8])
    case file(MappedFile, Range<Int>)

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
      switch self {
      case .memory(let bytes): try bytes.withUnsafeBytes(body)
      case .file(let file, let range):
        try withExtendedLifetime(file) {
          try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
        }
      }
    }
  }

  let info: PlanInfo
  let library: TensorRTLibrary
  let manifest: PlanManifest
  /// Whatever the engine writes: the outputs, then tapped values that are none.
  let bindings: [Binding]
  let tappedValues: [String]
  let profilesLayers: Bool
  let gpuProcessing: GPUProcessing
  let recordsRuns: Bool
  let libraries: GPULibraries
  private let engine: Engine
  private let loaded = Mutex<LoadedEngine?>(nil)

  init(
    _ library: TensorRTLibrary,
    _ manifest: PlanManifest,
    engine: Engine,
    outputCount: Int,
    _ configuration: BuildConfiguration,
    _ libraries: GPULibraries
  ) {
    self.library = library
    self.libraries = libraries
    gpuProcessing = configuration.gpuProcessing
    recordsRuns = configuration.recordsRuns
    self.manifest = manifest
    self.engine = engine
    bindings = manifest.outputs.map(\.binding)
    tappedValues = configuration.tappedValues
    profilesLayers = configuration.profilesLayers
    let whole = manifest.info
    info = PlanInfo(
      backend: whole.backend,
      inputs: whole.inputs,
      outputs: Array(whole.outputs.prefix(outputCount)),
      layers: whole.layers,
      contract: whole.contract
    )
  }

  /// Allocates memory for one caller at a time.
  /// - Throws: `backend.unavailable` without a GPU, `backend.failed`.
  func makeSession() throws -> sending any Session {
    try TensorRTSession(self, driver: try libraries.driver())
  }

  /// The engine on the GPU, brought there by the first session.
  func loadedEngine(_ driver: CUDADriver) throws -> LoadedEngine {
    try loaded.withLock { loaded in
      if let engine = loaded { return engine }
      try driver.enter()
      let made = try engine.withBytes { bytes in
        try LoadedEngine(library, bytes, allowsHostCode: manifest.options.isVersionCompatible)
      }
      loaded = made
      return made
    }
  }
}

/// An engine that the runtime has taken up.
// Written in `init`; the library lets several threads make contexts of one engine.
final class LoadedEngine: @unchecked Sendable {
  let engine: TensorRTObject

  init(
    _ library: TensorRTLibrary,
    _ bytes: UnsafeRawBufferPointer,
    allowsHostCode: Bool
  ) throws {
    engine = try library.turn.withLock { _ in
      library.log.clear()
      let runtime = try library.makeRuntime()
      // A version-compatible plan brings its own runtime, which is code of this host.
      if allowsHostCode { vtTrtAllowHostCode(library.table, runtime.pointer) }
      let made = vtTrtLoad(library.table, runtime.pointer, bytes.baseAddress, bytes.count)
      return try library.object("engine", of: runtime, made)
    }
  }
}
