public import Backends
import Diagnostics
import Files
public import Graphs

/// ONNX Runtime on the processor, opened at run time.
public struct ONNXRuntimeBackend: Backend {
  /// `onnxruntime`.
  public static let name = "onnxruntime"

  /// The library's file; nil searches ``engines``, then the loader's path.
  public var libraryPath: String?
  /// Where `Scripts/setup` unpacked engines.
  public var engines: EngineFolder?
  /// Whether idle threads wait for work in a loop: faster, at the price of a busy processor.
  public var spins = true

  /// Creates the backend; nothing is opened yet.
  public init(libraryPath: String? = nil, engines: EngineFolder? = nil) {
    self.libraryPath = libraryPath
    self.engines = engines
  }

  /// Whether the library opens, found by opening it.
  public func availability() -> Availability {
    do { return .available(version: try open().version) } catch {
      let cause = error as? DeployError ?? ONNXRuntimeLibrary.unavailable("\(error)")
      return .unavailable(cause.diagnostics[0])
    }
  }

  /// Builds a plan from a graph.
  /// - Throws: `backend.unavailable`, `backend.failed`.
  public func build(
    _ graph: Graph,
    configuration: BuildConfiguration
  ) async throws -> BuildResult {
    throw DeployError(.backendFailed, "graphs cannot be encoded yet")
  }

  /// Loads an ONNX file as it is.
  /// - Throws: `file.not-found`, `backend.unavailable`, `backend.failed`.
  public func plan(
    onnxFile path: String,
    configuration: BuildConfiguration = BuildConfiguration(),
    contract: ModelContract? = nil
  ) throws -> ONNXRuntimePlan {
    _ = try MappedFile(path: path)
    let library = try open()
    do {
      return try plan(.file(path), library, configuration, contract)
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  /// Loads the bytes of an ONNX file as they are; they are not needed afterwards.
  /// - Throws: `backend.unavailable`, `backend.failed`.
  public func plan(
    onnxBytes bytes: UnsafeRawBufferPointer,
    configuration: BuildConfiguration = BuildConfiguration(),
    contract: ModelContract? = nil
  ) throws -> ONNXRuntimePlan {
    try plan(.bytes(bytes), open(), configuration, contract)
  }

  private func plan(
    _ source: ONNXRuntimeNetwork.Source,
    _ library: ONNXRuntimeLibrary,
    _ configuration: BuildConfiguration,
    _ contract: ModelContract?
  ) throws -> ONNXRuntimePlan {
    let options = ONNXRuntimeOptions(
      threadCount: configuration.threadCount,
      optimization: configuration.optimization,
      spins: spins
    )
    let network = try ONNXRuntimeNetwork(source, library: library, options: options)
    let info = PlanInfo(
      backend: Self.name,
      inputs: try library.bindings(of: network.pointer, outputs: false),
      outputs: try library.bindings(of: network.pointer, outputs: true),
      layers: [],
      contract: contract
    )
    return ONNXRuntimePlan(
      info: info,
      network: network,
      tappedValues: [],
      layerNames: ONNXRuntimeLayerNames()
    )
  }

  /// Opens the first library that there is: an explicit path is the only candidate.
  func open() throws -> ONNXRuntimeLibrary {
    if let libraryPath { return try ONNXRuntimeLibrary(path: libraryPath) }
    let unpacked = engines?.libraries(of: Self.name, prefix: "libonnxruntime.so") ?? []
    var failure: (any Error)?
    for candidate in unpacked + ["libonnxruntime.so.1", "libonnxruntime.so"] {
      do { return try ONNXRuntimeLibrary(path: candidate) } catch {
        failure = failure ?? error
      }
    }
    throw failure ?? ONNXRuntimeLibrary.unavailable("no library was found")
  }
}
