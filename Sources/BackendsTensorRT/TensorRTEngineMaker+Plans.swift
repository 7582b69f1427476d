import Backends
import Diagnostics
import Files
import Graphs

extension TensorRTEngineMaker {
  /// Builds a plan that is kept in memory.
  func build(_ graph: Graph, _ configuration: BuildConfiguration) async throws -> BuildResult {
    let start = ContinuousClock.now
    var tapped = graph
    for name in configuration.tappedValues {
      guard let value = graph.value(named: name), value.constant == nil else {
        throw DeployError(.backendUnknownBinding, "no value is called '\(name)'")
      }
      if !tapped.outputs.contains(value.id) { tapped.markOutput(value.id) }
    }
    var options = PlanBuildOptions()
    if configuration.optimization == .none { options.level = 0 }
    options.profiles = [ShapeProfile(usualFor: tapped)].compactMap { $0 }
    let source = PlanSource(name: graph.name)
    let built = try await build(tapped, options: options, source: source) { _ in }
    let plan = TensorRTPlan(
      try open(),
      built.manifest,
      engine: .memory(built.engine),
      outputCount: graph.outputs.count,
      configuration,
      libraries
    )
    return BuildResult(
      plan: plan,
      diagnostics: built.diagnostics,
      duration: ContinuousClock.now - start
    )
  }

  /// Builds the contents of a plan file.
  func buildFile(
    _ graph: Graph,
    _ options: PlanBuildOptions,
    _ source: PlanSource,
    _ progress: @escaping @Sendable (PlanBuildProgress) -> Void
  ) async throws -> BuiltPlanFile {
    let built = try await build(graph, options: options, source: source, progress: progress)
    let bytes = try EnginePlanFile.bytes(built.manifest, engine: built.engine)
    let file = try bytes.withUnsafeBytes { try EnginePlanFile($0) }
    return BuiltPlanFile(
      bytes: bytes,
      description: file.description,
      diagnostics: built.diagnostics
    )
  }

  /// Reads a file without the library.
  static func describe(_ path: String) throws -> PlanFileDescription {
    let file = try MappedFile(path: path)
    do {
      return try withExtendedLifetime(file) { try EnginePlanFile(file.bytes).description }
    } catch let error as DeployError { throw error.inFile(path) }
  }

  /// Loads a plan that belongs to this library and this machine.
  func load(_ path: String, _ configuration: BuildConfiguration) throws -> TensorRTPlan {
    let file = try MappedFile(path: path)
    do {
      let plan = try withExtendedLifetime(file) { try EnginePlanFile(file.bytes) }
      guard plan.header.flavor == flavor else {
        throw DeployError(
          .planOtherBackend,
          "is a plan of \(plan.header.flavor.title), not of \(flavor.title)",
          remedy: "load it with --backend \(plan.header.flavor.rawValue)"
        )
      }
      let library = try open(preferring: plan.header.version)
      try checkRelease(plan, library)
      try checkDevice(plan)
      return TensorRTPlan(
        library,
        plan.manifest,
        engine: .file(file, plan.engine),
        outputCount: plan.manifest.outputs.count,
        configuration,
        libraries
      )
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  /// A plan runs under the release that built it; a version-compatible one under later ones of the
  /// same major version too. Source: TensorRT developer guide, "Version Compatibility".
  private func checkRelease(_ plan: EnginePlanFile, _ library: TensorRTLibrary) throws {
    let (made, found) = (plan.header.version, library.version)
    if made == found { return }
    if plan.manifest.options.isVersionCompatible, made.major == found.major, made < found { return }
    throw DeployError(
      .planOtherVersion,
      "was built by \(flavor.title) \(made.text), this machine has \(found.text)",
      remedy: "build it again here with `vitrine build`, or install \(made.text); "
        + "--version-compatible makes plans that later releases load"
    )
  }

  private func checkDevice(_ plan: EnginePlanFile) throws {
    guard let capability = try? libraries.driver().capability, !plan.header.targets.isEmpty,
      !plan.header.hasOtherTargets, !plan.header.targets.contains(capability)
    else { return }
    throw DeployError(
      .planOtherDevice,
      "was built for compute capability \(plan.header.targetText), this GPU has "
        + "\(capability / 10).\(capability % 10)",
      remedy: "build it again with `vitrine build --target-sm \(capability)`"
    )
  }
}

extension ShapeProfile {
  /// The range that a plan in memory covers, where the network's contract tells its sizes: batches
  /// of up to 16, and pictures from one stride to twice the usual size.
  fileprivate init?(usualFor graph: Graph) {
    guard let contract = graph.contract, let id = graph.inputs.first, graph.inputs.count == 1,
      graph[id].type.shape == nil, graph[id].type.rank == 4
    else { return nil }
    let dimensions = graph[id].type.dimensions
    let (stride, size) = (contract.stride, contract.inputSize)
    let ranges = [
      (1, 1, 16), (3, 3, 3), (stride, size[0], size[0] * 2), (stride, size[1], size[1] * 2),
    ]
    let extents = zip(dimensions, ranges).map { dimension, range in
      dimension.value.map { ($0, $0, $0) } ?? range
    }
    self.init(ranges: [
      Range(least: extents.map(\.0), usual: extents.map(\.1), greatest: extents.map(\.2))
    ])
  }
}
