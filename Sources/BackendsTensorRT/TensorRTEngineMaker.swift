import Backends
import CTensorRT
import Diagnostics
import Files
import Formats
import Glibc
import Graphs
import Tensors

/// What both backends do alike, with either library.
struct TensorRTEngineMaker: Sendable {
  let flavor: TensorRTFlavor
  /// The library's file; nil searches `engines`, then the loader's path.
  var libraryPath: String?
  var engines: EngineFolder?
  /// Where the driver is, and what compiles kernels for it.
  var libraries = GPULibraries()

  /// Opens the first library that there is: an explicit path is the only candidate.
  /// - Parameter wanted: a release to prefer where several are there.
  /// - Throws: `backend.unavailable`.
  func open(preferring wanted: TensorRTVersion? = nil) throws -> TensorRTLibrary {
    if let libraryPath { return try TensorRTLibrary.open(flavor, path: libraryPath) }
    let unpacked = flavor.packages.flatMap { package in
      engines?.libraries(of: package, prefix: flavor.libraryPrefix) ?? []
    }
    var failure: (any Error)?
    var first: TensorRTLibrary?
    for candidate in unpacked + flavor.libraryNames {
      do {
        let library = try TensorRTLibrary.open(flavor, path: candidate)
        guard let wanted, library.version != wanted else { return library }
        first = first ?? library
      } catch { failure = failure ?? error }
    }
    if let first { return first }
    throw failure ?? TensorRTLibrary.unavailable("no library was found", flavor)
  }

  /// TensorRT's builder needs a GPU; that of TensorRT for RTX does not.
  func availability() -> Availability {
    do {
      let library = try open()
      if flavor == .tensorRT { _ = try libraries.driver() }
      return .available(version: library.version.text)
    } catch {
      let cause = error as? DeployError ?? TensorRTLibrary.unavailable("\(error)", flavor)
      return .unavailable(cause.diagnostics[0])
    }
  }

  /// Builds an engine and its passport.
  func build(
    _ graph: Graph,
    options: PlanBuildOptions,
    source: PlanSource,
    progress: @escaping @Sendable (PlanBuildProgress) -> Void
  ) async throws -> Built {
    let start = ContinuousClock.now
    let library = try open()
    if flavor == .tensorRT { _ = try libraries.driver() }
    let open = graph.inputs.first { graph[$0].type.shape == nil }
    if let open, options.profiles.isEmpty {
      throw DeployError(
        .buildUnsupportedOption,
        "input '\(graph[open].name)' is \(graph[open].type), and no range is given",
        at: .option("--profile"),
        remedy: "say the range of its extents: --profile 1x3x640x640:1x3x640x640:8x3x640x640"
      )
    }
    let monitor = TensorRTProgress(progress)
    let result = try await withTaskCancellationHandler {
      try Task.checkCancellation()
      do { return try TensorRTBuild(library, graph, options).run(monitor) } catch {
        throw explained(error, of: graph, library, options, monitor)
      }
    } onCancel: {
      monitor.cancel()
    }
    if let path = options.timingCache, let timings = result.timings {
      try AtomicFile.write(timings, to: path)
    }
    var described = result
    if result.layers.layers.isEmpty, let layers = inspected(result.engine, library) {
      described.layers = layers
    }
    let manifest = try passport(described, graph, library, options, source, start)
    return Built(manifest: manifest, engine: result.engine, diagnostics: result.diagnostics)
  }

  /// An engine with its passport.
  struct Built: Sendable {
    var manifest: PlanManifest
    var engine: [UInt8]
    var diagnostics: [Diagnostic]
  }

  /// The layers as the library's inspector tells them, where the builder's log did not and there is
  /// a GPU to open the engine on. Not yet run on one.
  private func inspected(_ engine: [UInt8], _ library: TensorRTLibrary) -> EngineDescription? {
    guard let driver = try? libraries.driver(), (try? driver.enter()) != nil,
      let loaded = try? engine.withUnsafeBytes({
        try LoadedEngine(library, $0, allowsHostCode: false)
      }),
      let made = vtTrtCreateInspector(library.table, loaded.engine.pointer)
    else { return nil }
    let inspector = TensorRTObject(made, of: loaded.engine)
    return withExtendedLifetime(inspector) {
      guard let text = vtTrtInspectorText(library.table, inspector.pointer) else { return nil }
      let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
      return try? EngineDescription.parse(bytes)
    }
  }

  /// Adds the smallest part that fails by itself, unless the whole was stopped or cannot start.
  private func explained(
    _ error: any Error,
    of graph: Graph,
    _ library: TensorRTLibrary,
    _ options: PlanBuildOptions,
    _ monitor: TensorRTProgress
  ) -> any Error {
    guard let error = error as? DeployError, error.id == .backendFailed, !monitor.wasCancelled
    else { return error }
    // Parts have other inputs than the whole, so their ranges are unknown: parts are cut from the
    // graph at the usual shapes.
    guard let fixed = try? graph.atUsualShapes(of: options) else { return error }
    var bare = PlanBuildOptions()
    bare.level = 0
    let sign = Self.sign(of: error)
    var suspect: String?
    if case .node(let name)? = error.diagnostics[0].location { suspect = name }
    let part = FailingPart.find(in: fixed, startingWith: suspect) { part in
      do {
        _ = try TensorRTBuild(library, part, bare).run(TensorRTProgress { _ in })
        return false
      } catch let failure as DeployError {
        return failure.id == .backendFailed && Self.sign(of: failure) == sign
      } catch { return false }
    }
    guard let part else { return error }
    return error.adding(part.note)
  }

  /// What failures of one cause have in common: the error code and where no names are, the words.
  private static func sign(of error: DeployError) -> String {
    let text = error.diagnostics[0].message
    let codes = text.split(separator: " ").enumerated().compactMap { index, word -> String? in
      let words = text.split(separator: " ")
      guard word == "Code", index + 1 < words.count else { return nil }
      return String(words[index + 1])
    }
    let action = text.contains("made no engine") ? "build" : "parse"
    return action + " " + (codes.first ?? "")
  }

  private func passport(
    _ result: TensorRTBuild.Result,
    _ graph: Graph,
    _ library: TensorRTLibrary,
    _ options: PlanBuildOptions,
    _ source: PlanSource,
    _ start: ContinuousClock.Instant
  ) throws -> PlanManifest {
    let header = try result.engine.withUnsafeBytes { try EngineHeader($0) }
    let layers = Self.layers(result.layers, of: graph)
    let port = { (id: ValueID) in PlanManifest.Port(name: graph[id].name, type: graph[id].type) }
    return PlanManifest(
      backend: flavor.rawValue,
      release: library.version.text,
      source: source,
      engineByteCount: result.engine.count,
      engineDigest: result.engine.withUnsafeBytes { SHA256.hex($0) },
      targets: header.targetText,
      options: options,
      inputs: graph.inputs.map(port),
      outputs: graph.outputs.map(port),
      contract: graph.contract,
      layers: layers,
      executedPrecisions: layers.reduce(into: [:]) { counts, layer in
        if !layer.precision.isEmpty { counts[layer.precision, default: 0] += 1 }
      },
      buildMilliseconds: (ContinuousClock.now - start).milliseconds
    )
  }

  /// The engine's layers, each traced to the nodes that its metadata names.
  static func layers(_ engine: EngineDescription, of graph: Graph) -> [PlanManifest.Layer] {
    let names = LayerNames(graph.nodes)
    return engine.layers.map { layer in
      let sources = layer.sourceNodes
      let provenance =
        sources.isEmpty
        ? Provenance() : Provenance(merging: sources.map { names.provenance(of: $0) })
      return PlanManifest.Layer(
        name: layer.name,
        kind: layer.kind,
        tactic: layer.tactic,
        precision: sources.isEmpty ? "" : layer.scalarType?.rawValue ?? "",
        provenance: provenance
      )
    }
  }
}

extension Graph {
  /// The graph with open extents at those that its first profile is tuned for.
  fileprivate func atUsualShapes(of options: PlanBuildOptions) throws -> Graph {
    var types: [String: TensorType] = [:]
    for id in inputs where self[id].type.shape == nil {
      let ranges = options.profiles.first?.ranges ?? []
      guard let range = ranges.first(where: { $0.input == self[id].name || $0.input.isEmpty })
      else { continue }
      types[self[id].name] = TensorType(
        self[id].type.scalarType,
        range.usual.map { .fixed($0) }
      )
    }
    return types.isEmpty ? self : try retyped(inputs: types)
  }
}

extension Duration {
  /// The duration in milliseconds.
  var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
  }
}
