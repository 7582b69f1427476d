public import Backends
import Diagnostics
import Files
import Formats
public import Graphs

/// OpenVINO on the processor, opened at run time.
///
/// Layers compute in the precision that the graph says: OpenVINO would narrow single precision by
/// itself, and does so here only where `executionPrecisionHint` asks for it. Half precision is
/// computed in single precision where the processor has no arithmetic for it. The library
/// rewrites graphs as it likes; it has no levels of optimization.
public struct OpenVINOBackend: FileBackend {
  /// `openvino`.
  public static let name = "openvino"

  /// The library's file; nil searches ``engines``, then the loader's path.
  public var libraryPath: String?
  /// Where `Scripts/setup` unpacked engines.
  public var engines: EngineFolder?

  /// Creates the backend; nothing is opened yet.
  public init(libraryPath: String? = nil, engines: EngineFolder? = nil) {
    self.libraryPath = libraryPath
    self.engines = engines
  }

  /// Whether the library opens, found by opening it.
  public func availability() -> Availability {
    do { return .available(version: try open().version) } catch {
      let cause = error as? DeployError ?? OpenVINOLibrary.unavailable("\(error)")
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
    let network = try bytes.withUnsafeBytes {
      try OpenVINONetwork(.bytes($0), library: library, options: OpenVINOOptions(configuration))
    }
    let binding = { (id: ValueID) in Binding(name: tapped[id].name, type: tapped[id].type) }
    let plan = try plan(
      network,
      configuration,
      inputs: tapped.inputs.map(binding),
      outputs: tapped.outputs.map(binding),
      outputCount: graph.outputs.count,
      graph: graph
    )
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
  ) throws -> OpenVINOPlan {
    _ = try MappedFile(path: path)
    let library = try open()
    do {
      let options = OpenVINOOptions(configuration)
      let network = try OpenVINONetwork(.file(path), library: library, options: options)
      return try plan(network, configuration, contract: contract)
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  /// Describes a built network. What a graph says of names and symbols is kept.
  private func plan(
    _ network: OpenVINONetwork,
    _ configuration: BuildConfiguration,
    inputs: [Binding]? = nil,
    outputs: [Binding]? = nil,
    outputCount: Int? = nil,
    graph: Graph? = nil,
    contract: ModelContract? = nil
  ) throws -> OpenVINOPlan {
    let library = network.library
    let found = (
      inputs: try library.bindings(of: network.pointer, outputs: false),
      outputs: try library.bindings(of: network.pointer, outputs: true)
    )
    let (inputs, outputs) = (inputs ?? found.inputs, outputs ?? found.outputs)
    guard inputs.count == found.inputs.count, outputs.count == found.outputs.count else {
      throw DeployError(
        .backendFailed,
        "openvino made \(found.inputs.count) inputs and \(found.outputs.count) outputs of "
          + "\(inputs.count) and \(outputs.count)"
      )
    }
    for (stated, real) in zip(outputs, found.outputs) where stated.type.shape != nil {
      guard real.type.shape == nil || real.type.shape == stated.type.shape else {
        throw DeployError(
          .backendFailed,
          "openvino makes \(real.type) of it where the graph says \(stated.type)",
          at: .value(stated.name)
        )
      }
    }
    for name in configuration.tappedValues where !outputs.contains(where: { $0.name == name }) {
      throw DeployError(
        .backendUnknownBinding,
        "no value that can be tapped is called '\(name)'",
        remedy: "build from a graph that has the value, or tap an output"
      )
    }
    let info = PlanInfo(
      backend: Self.name,
      inputs: inputs,
      outputs: Array(outputs.prefix(outputCount ?? outputs.count)),
      layers: [],
      contract: graph?.contract ?? contract
    )
    return OpenVINOPlan(
      info: info,
      network: network,
      bindings: outputs,
      isFixed: found.outputs.map { $0.type.shape != nil },
      tappedValues: configuration.tappedValues,
      layerNames: LayerNames(graph?.nodes ?? []),
      profilesLayers: configuration.profilesLayers
    )
  }

  /// A precision that the processor does not have is computed in single precision: said here.
  private func notes(
    _ library: OpenVINOLibrary,
    _ configuration: BuildConfiguration
  ) -> [Diagnostic] {
    let wanted = OpenVINOOptions(configuration).precisionName
    guard wanted != "f32", let found = try? library.capabilities(),
      !found.contains(where: { $0.lowercased() == (wanted == "f16" ? "fp16" : wanted) })
    else { return [] }
    return [
      Diagnostic(
        .warning,
        .backendFailed,
        "this processor computes \(found.joined(separator: ", ")), not \(wanted): "
          + "OpenVINO uses single precision instead"
      )
    ]
  }

  /// Opens the first library that there is: an explicit path is the only candidate.
  func open() throws -> OpenVINOLibrary {
    if let libraryPath { return try OpenVINOLibrary(path: libraryPath) }
    let unpacked = engines?.libraries(of: Self.name, prefix: "libopenvino_c.so") ?? []
    var failure: (any Error)?
    for candidate in unpacked + ["libopenvino_c.so"] {
      do { return try OpenVINOLibrary(path: candidate) } catch {
        failure = failure ?? error
      }
    }
    throw failure ?? OpenVINOLibrary.unavailable("no library was found")
  }
}
