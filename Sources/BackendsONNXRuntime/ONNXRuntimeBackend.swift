public import Backends
import CONNXRuntime
import Diagnostics
import Files
import Formats
public import Graphs

/// ONNX Runtime on the processor, opened at run time.
public struct ONNXRuntimeBackend: FileBackend {
  /// `onnxruntime`.
  public static let name = "onnxruntime"

  /// The library's file; nil searches ``engines``, then the loader's path.
  public var libraryPath: String?
  /// Where `Scripts/setup` unpacked engines.
  public var engines: EngineFolder?
  /// Whether idle threads wait for work in a loop: faster, at the price of a busy processor.
  public var spins = true
  /// Where profiles of single runs are written for a moment.
  public var temporaryFolder = "/tmp"

  /// What runs the network.
  enum Device {
    case host
    case cuda

    /// The backend's name.
    var name: String {
      self == .host ? ONNXRuntimeBackend.name : ONNXRuntimeCUDABackend.name
    }
    /// The package that `Scripts/setup` may have unpacked.
    var package: String { self == .host ? "onnxruntime" : "onnxruntime-gpu" }
  }
  var device = Device.host

  /// Creates the backend; nothing is opened yet.
  public init(libraryPath: String? = nil, engines: EngineFolder? = nil) {
    self.libraryPath = libraryPath
    self.engines = engines
  }

  /// Its own rewrites, grouped.
  public var optimizations: [EngineOptimization] { ONNXRuntimeOptimizers.all.map(\.optimization) }

  /// Whether the library opens, found by opening it.
  public func availability() -> Availability {
    do {
      let library = try open()
      if device == .cuda {
        let options = try ONNXRuntimeOptions(usesCUDA: true).make(library)
        vtOrtReleaseSessionOptions(library.table, options)
      }
      return .available(version: library.version)
    } catch {
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
    let start = ContinuousClock.now
    let library = try open()
    var tapped = graph
    for name in configuration.tappedValues {
      guard let value = graph.value(named: name), value.constant == nil else {
        throw DeployError(.backendUnknownBinding, "no value is called '\(name)'")
      }
      if !tapped.outputs.contains(value.id) { tapped.markOutput(value.id) }
    }
    try Task.checkCancellation()
    let bytes = try ONNXWriter.encode(tapped, opset: ONNXWriter.opsets.upperBound)
    try Task.checkCancellation()
    let origin = Origin(
      contract: graph.contract,
      nodes: graph.nodes,
      outputNames: graph.outputs.map { graph[$0].name }
    )
    let plan = try bytes.withUnsafeBytes {
      try self.plan(.bytes($0), library, configuration, origin)
    }
    return BuildResult(
      plan: plan,
      diagnostics: notes(library, configuration),
      duration: ContinuousClock.now - start
    )
  }

  /// Loads an ONNX file as it is.
  /// - Throws: `file.not-found`, `backend.unavailable`, `backend.failed`.
  public func load(
    onnxFile path: String,
    configuration: BuildConfiguration,
    contract: ModelContract?
  ) throws -> any Plan {
    try plan(onnxFile: path, configuration: configuration, contract: contract)
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
      return try plan(.file(path), library, configuration, Origin(contract: contract))
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
    try plan(.bytes(bytes), open(), configuration, Origin(contract: contract))
  }

  private func plan(
    _ source: ONNXRuntimeNetwork.Source,
    _ library: ONNXRuntimeLibrary,
    _ configuration: BuildConfiguration,
    _ origin: Origin
  ) throws -> ONNXRuntimePlan {
    let options = ONNXRuntimeOptions(
      threadCount: configuration.threadCount,
      optimization: configuration.optimization,
      disabledOptimizations: configuration.disabledOptimizations,
      spins: spins,
      usesCUDA: device == .cuda
    )
    let network = try ONNXRuntimeNetwork(source, library: library, options: options)
    let bindings = try library.bindings(of: network.pointer, outputs: true)
    let outputNames = origin.outputNames.map(Set.init)
    let info = PlanInfo(
      backend: device.name,
      inputs: try library.bindings(of: network.pointer, outputs: false),
      outputs: bindings.filter { outputNames?.contains($0.name) ?? true },
      layers: [],
      contract: origin.contract
    )
    for name in configuration.tappedValues where !bindings.contains(where: { $0.name == name }) {
      throw DeployError(
        .backendUnknownBinding,
        "no value that can be tapped is called '\(name)'",
        remedy: "build from a graph that has the value, or tap an output"
      )
    }
    return ONNXRuntimePlan(
      info: info,
      network: network,
      bindings: bindings,
      tappedValues: configuration.tappedValues,
      layerNames: LayerNames(origin.nodes),
      profileFolder: configuration.profilesLayers ? temporaryFolder : nil
    )
  }

  private func notes(
    _ library: ONNXRuntimeLibrary,
    _ configuration: BuildConfiguration
  ) -> [Diagnostic] {
    guard configuration.profilesLayers, !library.canProfileRuns else { return [] }
    return [
      Diagnostic(
        .warning,
        .backendFailed,
        "ONNX Runtime \(library.version) cannot time the layers of a single run",
        remedy: "use release 1.25 or newer"
      )
    ]
  }

  /// What is known of a network beside its bytes.
  private struct Origin {
    var contract: ModelContract?
    var nodes: [Node] = []
    /// The outputs that are not only there to be tapped; nil: all.
    var outputNames: [String]?
  }

  /// Opens the first library that there is: an explicit path is the only candidate.
  func open() throws -> ONNXRuntimeLibrary {
    if let libraryPath { return try ONNXRuntimeLibrary(path: libraryPath) }
    let unpacked = engines?.libraries(of: device.package, prefix: "libonnxruntime.so") ?? []
    var failure: (any Error)?
    for candidate in unpacked + ["libonnxruntime.so.1", "libonnxruntime.so"] {
      do { return try ONNXRuntimeLibrary(path: candidate) } catch {
        failure = failure ?? error
      }
    }
    throw failure ?? ONNXRuntimeLibrary.unavailable("no library was found")
  }
}
