public import Backends
import CNativeKernels
import Diagnostics
import Files
import Formats
public import Graphs
import Passes
import Tensors

extension NativeBackend: PlanFileBackend {
  /// `VITRPLAN`.
  public static var planMagic: [UInt8] { NativePlanFile.magic }

  /// Builds the contents of a plan file. The level is how often each tactic is measured (0: never);
  /// a timing cache is read where it is there, and written where something was measured.
  /// - Throws: `backend.failed`, `build.unsupported-option`, `build.cancelled`.
  public func buildPlanFile(
    _ graph: Graph,
    options: PlanBuildOptions,
    source: PlanSource,
    progress: @escaping @Sendable (PlanBuildProgress) -> Void
  ) async throws -> BuiltPlanFile {
    try options.requireOnly(
      [.precision, .threads, .profile, .workspace, .timingCache, .level, .tacticSources],
      for: Self.name
    )
    do { return try makePlanFile(graph, options, source, progress) } catch is CancellationError {
      throw DeployError(.buildCancelled, "the build was stopped")
    }
  }

  /// Loads a plan after checking every byte of it.
  public func loadPlan(path: String, configuration: BuildConfiguration) throws -> any Plan {
    do {
      return try NativePlan(
        MappedFile(path: path),
        threadCount: configuration.threadCount,
        engines: engines
      )
    } catch let error as DeployError { throw error.inFile(path) }
  }

  /// Reads what a plan's file says of itself.
  public func describePlan(path: String) throws -> PlanFileDescription {
    do {
      let file = try MappedFile(path: path)
      return try withExtendedLifetime(file) {
        let contents = try NativePlanFile(file.bytes)
        if let stored = contents.head.program {
          let pool = ConstantPool(contents.constants, owner: file)
          let inputs = contents.head.inputs.map { Binding(name: $0.name, type: $0.type) }
          try stored.program(inputs: inputs, pool: pool).validate(pool)
        }
        return try Self.description(contents.head, file.count)
      }
    } catch let error as DeployError { throw error.inFile(path) }
  }

  /// Reads what a plan of any version was built from, and how.
  public func planOrigin(path: String) throws -> PlanOrigin {
    do {
      let file = try MappedFile(path: path)
      return try withExtendedLifetime(file) { try NativePlanFile.origin(file.bytes) }
    } catch let error as DeployError { throw error.inFile(path) }
  }

  private func makePlanFile(
    _ graph: Graph,
    _ options: PlanBuildOptions,
    _ source: PlanSource,
    _ progress: @escaping @Sendable (PlanBuildProgress) -> Void
  ) throws -> BuiltPlanFile {
    var configuration = BuildConfiguration()
    configuration.executionPrecisionHint = options.precision == .float32 ? nil : options.precision
    let isa = native_best_isa()
    let threadCount = options.threadCount ?? ThreadTeam.processorCount
    let pool = ConstantPool()
    var maker = ProgramMaker(try graph.prepared(), configuration, isa: isa)
    maker.workspace = options.workspaceByteCount.map { Workspace($0, threadCount: threadCount) }
    let inputs = graph.inputs.map { Binding(name: graph[$0].name, type: graph[$0].type) }
    let known = ProgramMaker.knownShapes(inputs)
    guard let shapes = try known ?? usualShapes(options.profiles, inputs) else {
      throw DeployError(
        .backendShapeMismatch,
        "the network's inputs have open extents",
        at: .option("--profile"),
        remedy:
          "give least, usual and greatest shapes: --profile 1x3x320x320:1x3x640x640:8x3x640x640"
      )
    }
    let oneDNN =
      try (options.level ?? 2) == 0
      ? .off : OneDNNSource(engines, sources: options.tacticSources)
    let device =
      "\(TimingCache.processor), \(Self.isaName(isa)), \(threadCount) threads"
      + (oneDNN.library.map { ", oneDNN \($0.version)" } ?? "")
    try TimingCache.checkReplaceable(options.timingCache)
    var (cache, notes) = TimingCache.read(options.timingCache, device: device)
    let before = cache.times
    var tuner = TacticTuner(
      maker: maker,
      shapes: shapes,
      threadCount: threadCount,
      level: options.level ?? 2,
      oneDNN: oneDNN
    )
    var (tactics, decisions) = try tuner.tune(&cache, pool, progress: progress)
    if let path = options.timingCache, cache.times != before { try cache.write(to: path) }
    maker.tactics = tactics
    tactics = [:]
    let (program, records) = try maker.program(shapes, pool)
    for index in decisions.indices {
      decisions[index].layers = program.layers(of: decisions[index].signature)
    }
    let outputs = graph.outputs.map { Binding(name: graph[$0].name, type: graph[$0].type) }
    var head = NativePlanFile.Head(
      instructions: isa.rawValue,
      source: source,
      options: options.withoutSearch,
      inputs: inputs.map { .init(name: $0.name, type: $0.type) },
      outputs: outputs.map { .init(name: $0.name, type: $0.type) },
      contract: graph.contract,
      precision: options.precision?.rawValue ?? "float32",
      disabled: [],
      profiles: options.profiles,
      tactics: maker.tactics,
      patches: records.map { "\($0.rule): \($0.reason)" }
    )
    var constants: [[UInt8]] = []
    if known != nil {
      head.program = try StoredProgram(program.renumbered(pool, &constants)) { tensor in
        constants.append(try tensor.withBytes { Array($0) })
        return constants.count - 1
      }
    } else {
      constants = [try ONNXWriter.encode(graph, opset: ONNXWriter.opsets.upperBound)]
      head.network = 0
    }
    if head.needsOneDNN { head.oneDNN = oneDNN.library?.version }
    let bytes = try NativePlanFile.bytes(&head, constants)
    return BuiltPlanFile(
      bytes: bytes,
      description: try Self.description(head, bytes.count),
      diagnostics: notes,
      decisions: decisions
    )
  }

  /// The shapes that a plan of open extents is tuned for.
  private func usualShapes(
    _ profiles: [ShapeProfile],
    _ inputs: [Binding]
  ) throws -> [String: Shape]? {
    guard let profile = profiles.first else { return nil }
    var shapes: [String: Shape] = [:]
    for range in profile.ranges {
      let name = range.input.isEmpty ? inputs.first?.name ?? "" : range.input
      guard let input = inputs.first(where: { $0.name == name }),
        TensorType(input.type.scalarType, Shape(range.usual)).isCompatible(with: input.type),
        Shape.checkedCount(range.usual).map({ $0 <= 1 << 34 }) ?? false
      else {
        throw DeployError(
          .backendShapeMismatch,
          "the profile's shape \(range.usual) fits no input '\(name)'",
          at: .option("--profile"),
          remedy: "give shapes that the network was made for"
        )
      }
      shapes[name] = Shape(range.usual)
    }
    return inputs.allSatisfy { shapes[$0.name] != nil || $0.type.shape != nil }
      ? shapes.merging(
        inputs.compactMap { input in input.type.shape.map { (input.name, $0) } }
      ) { stated, _ in stated } : nil
  }

  private static func description(_ head: NativePlanFile.Head, _ byteCount: Int) throws
    -> PlanFileDescription
  {
    let isa = isaName(native_isa(rawValue: head.instructions))
    var facts: [PlanFileDescription.Fact] = [
      .init("built from", head.source.name),
      .init("SHA-256 of it", head.source.digest),
      .init("needs", isa + (head.oneDNN.map { ", oneDNN (measured: \($0))" } ?? "")),
      .init("computes float32 in", head.precision),
    ]
    if let workspace = head.options.workspaceByteCount {
      facts.append(.init("workspace", "at most \(workspace / 1000) kB"))
    }
    for input in head.inputs { facts.append(.init("input \(input.name)", "\(input.type)")) }
    for output in head.outputs { facts.append(.init("output \(output.name)", "\(output.type)")) }
    for profile in head.profiles {
      for range in profile.ranges {
        facts.append(.init("shapes", "\(range.least) … \(range.usual) … \(range.greatest)"))
      }
    }
    let weights = head.constants.reduce(0) { $0 + $1.byteCount }
    facts.append(.init("constants", "\(weights / 1000) kB of \(byteCount / 1000) kB"))
    facts.append(.init("passes", "\(head.patches.count) patches"))
    var layers: [LayerInfo] = []
    var memory: PlanMemory?
    if let stored = head.program {
      let names = Dictionary(
        uniqueKeysWithValues: stored.operators.enumerated().map { ($0.offset, $0.element.name) }
      )
      layers = stored.layers.map { layer in
        LayerInfo(
          name: layer.name,
          tactic: layer.tactic(stored.surfaces) { names[$0] ?? "" },
          provenance: layer.provenance
        )
      }
      memory = stored.surfaces.memory(
        stored.layers,
        peak: stored.arenaByteCount,
        sum: stored.summedByteCount
      )
      facts.append(
        .init(
          "working memory",
          "\(stored.arenaByteCount / 1000) kB; without sharing \(stored.summedByteCount / 1000) kB"
        )
      )
    }
    return PlanFileDescription(
      backend: name,
      facts: facts,
      layers: layers,
      contract: head.contract,
      precision: head.precision,
      memory: memory
    )
  }
}

extension PlanBuildOptions {
  /// What decides what a plan is, apart from what the search finds: a plan says this of itself.
  fileprivate var withoutSearch: PlanBuildOptions {
    var options = self
    (options.timingCache, options.level) = (nil, nil)
    return options
  }
}

extension Program {
  /// The layers of a signature, by name.
  func layers(of signature: String) -> [String] {
    layers.compactMap { layer in
      guard case .convolution(let work) = layer.work,
        TacticSignature(work, surfaces[work.source]).text == signature
      else { return nil }
      return layer.name
    }
  }

  /// The same program with constants numbered in the order in which layers read them, so that a file
  /// holds those and no others.
  func renumbered(_ pool: ConstantPool, _ constants: inout [[UInt8]]) -> Program {
    var numbers: [Int: Int] = [:]
    var kept = constants
    func number(_ old: Int) -> Int {
      if let known = numbers[old] { return known }
      kept.append(Array(pool.bytes(old)))
      numbers[old] = kept.count - 1
      return kept.count - 1
    }
    var result = self
    for index in result.layers.indices {
      guard case .convolution(var work) = result.layers[index].work else { continue }
      work.weights = number(work.weights)
      work.bias = number(work.bias)
      work.scale = work.scale.map(number)
      result.layers[index].work = .convolution(work)
    }
    constants = kept
    return result
  }
}
