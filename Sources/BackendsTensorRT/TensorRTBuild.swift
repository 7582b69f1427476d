import Backends
import CTensorRT
import Diagnostics
import Files
import Formats
import Graphs
import Synchronization
import Tensors

/// One build: ONNX bytes → network → engine.
struct TensorRTBuild {
  /// What a build leaves.
  struct Result {
    var engine: [UInt8]
    var layers: EngineDescription
    /// The timings to keep, where a cache was asked for.
    var timings: [UInt8]?
    var diagnostics: [Diagnostic]
  }

  let library: TensorRTLibrary
  let graph: Graph
  let options: PlanBuildOptions
  private var table: UnsafePointer<VTTrtTable> { library.table }

  init(_ library: TensorRTLibrary, _ graph: Graph, _ options: PlanBuildOptions) {
    self.library = library
    self.graph = graph
    self.options = options
  }

  /// Runs the build, alone in the library.
  /// - Throws: `backend.unavailable`, `backend.failed`, `build.cancelled`,
  ///   `build.unsupported-option`.
  func run(_ progress: TensorRTProgress) throws -> Result {
    let onnx = try Self.encoded(graph)
    return try library.turn.withLock { _ in
      library.log.clear()
      let builder = try library.makeBuilder()
      let recorder = TensorRTRecorder(table)
      vtTrtSetBuilderRecorder(table, builder.pointer, recorder.recorder)
      // The builder keeps its address: it is taken back before the recorder goes.
      defer {
        vtTrtSetBuilderRecorder(table, builder.pointer, nil)
        withExtendedLifetime(recorder) {}
      }
      let empty = vtTrtCreateNetwork(table, builder.pointer)
      let network = try library.object("network", of: builder, empty)
      let parser = try library.makeParser(for: network)
      guard onnx.withUnsafeBytes({ vtTrtParse(table, parser.pointer, $0.baseAddress, $0.count) })
      else { throw parsingFailure(parser) }
      let settings = vtTrtCreateConfig(table, builder.pointer)
      let config = try library.object("configuration", of: builder, settings)
      try probe(config)
      let cache = try configure(config, builder, network)
      let rangeNotes = try setRanges(config, network)
      let listens = vtTrtSetProgress(table, config.pointer, progress.monitor)
      // The parser owns the weights, so it must live until the engine is there; so must the cache.
      let made = withExtendedLifetime((parser, cache)) {
        vtTrtBuild(table, builder.pointer, network.pointer, config.pointer)
      }
      guard let plan = made else {
        if progress.wasCancelled { throw Self.cancelled(library) }
        throw buildingFailure(recorder.words)
      }
      let memory = TensorRTObject(plan)
      let bytes = UnsafeRawBufferPointer(
        start: vtTrtMemoryBytes(table, memory.pointer),
        count: vtTrtMemoryCount(table, memory.pointer)
      )
      var notes = rangeNotes + library.log.warnings()
      if !listens { notes.append(Self.silence(library)) }
      return withExtendedLifetime((memory, cache)) {
        Result(
          engine: Array(bytes),
          layers: EngineDescription.parse(log: library.log.layers),
          timings: cache == nil ? nil : timings(config),
          diagnostics: notes
        )
      }
    }
  }

  /// The oldest form of the graph that can hold it: every release reads 17.
  private static func encoded(_ graph: Graph) throws -> [UInt8] {
    do { return try ONNXWriter.encode(graph, opset: 17) } catch {
      return try ONNXWriter.encode(graph, opset: ONNXWriter.opsets.upperBound)
    }
  }

  /// Asks a new configuration for what it was just told: a table that does not fit is found here,
  /// by calls that do no harm.
  private func probe(_ config: TensorRTObject) throws {
    let pointer = config.pointer
    vtTrtSetVerbosity(table, pointer, 2)
    vtTrtSetLevel(table, pointer, 2)
    let fits = vtTrtVerbosity(table, pointer) == 2 && vtTrtLevel(table, pointer) == 2
    vtTrtSetLevel(table, pointer, 3)
    guard fits, vtTrtLevel(table, pointer) == 3 else {
      throw TensorRTLibrary.unavailable(
        "'\(library.path)' says it is release \(library.version.text), but does not answer like it",
        library.flavor
      )
    }
  }

  // MARK: Options

  /// Applies the options; the answer is the timing cache, which must outlive the build.
  private func configure(
    _ config: TensorRTObject,
    _ builder: TensorRTObject,
    _ network: TensorRTObject
  ) throws -> TensorRTObject? {
    let (slots, pointer) = (table.pointee, config.pointer)
    if slots.flagHalf != VT_TRT_NONE && slots.networkFlag == 0 {
      // 8.6 does not take the types from the graph; it is told which ones occur.
      if graph.usesType(.float16) { vtTrtSetFlag(table, pointer, slots.flagHalf) }
      if graph.usesType(.int8) { vtTrtSetFlag(table, pointer, slots.flagInt8) }
      if graph.usesType(.float16) { vtTrtSetFlag(table, pointer, slots.flagObeyPrecision) }
    }
    if options.isRefittable { try set(slots.flagRefit, .refit, config) }
    if options.stripsWeights { try set(slots.flagStripPlan, .stripWeights, config) }
    if options.isVersionCompatible {
      try set(slots.flagVersionCompatible, .versionCompatible, config)
    }
    if options.isHardwareCompatible {
      guard library.flavor == .tensorRT else { throw unsupported(.hardwareCompatible) }
      vtTrtSetHardware(table, pointer, 1)
    }
    if let bytes = options.workspaceByteCount { vtTrtSetMemoryLimit(table, pointer, 0, bytes) }
    if let level = options.level { vtTrtSetLevel(table, pointer, Int32(clamping: level)) }
    if let core = options.dlaCore {
      guard library.flavor == .tensorRT else { throw unsupported(.dla) }
      try set(slots.flagGPUFallback, .dla, config)
      vtTrtSetDLA(table, pointer, Int32(clamping: core))
    }
    if !options.tacticSources.isEmpty { try setTacticSources(config) }
    if !options.targets.isEmpty {
      let targets = options.targets.map { Int32(clamping: $0) }
      guard vtTrtSetTargets(table, pointer, targets, Int32(targets.count)) else {
        throw unsupported(.targetSM)
      }
    }
    if !options.profiles.isEmpty { vtTrtShareProfiles(table, pointer) }
    for profile in options.profiles { try add(profile, config, builder, network) }
    return try timingCache(config)
  }

  private func set(
    _ bit: UInt8,
    _ option: PlanBuildOptions.Name,
    _ config: TensorRTObject
  ) throws {
    guard bit != VT_TRT_NONE else { throw unsupported(option) }
    vtTrtSetFlag(table, config.pointer, bit)
    guard vtTrtFlags(table, config.pointer) & 1 << UInt32(bit) != 0 else {
      throw unsupported(option)
    }
  }

  private func unsupported(_ option: PlanBuildOptions.Name) -> DeployError {
    let words = library.log.errors.map { ": \($0)" } ?? ""
    return DeployError(
      .buildUnsupportedOption,
      "\(library.flavor.title) \(library.version.text) cannot do this\(words)",
      at: .option("--\(option.rawValue)"),
      remedy: "leave the option out"
    )
  }

  private func setTacticSources(_ config: TensorRTObject) throws {
    let slots = table.pointee
    var known = ["edge-mask": slots.tacticEdgeMask, "jit": slots.tacticJIT]
    if slots.tacticEdgeMask > 0 { known.merge(["cublas": 0, "cublas-lt": 1, "cudnn": 2]) { $1 } }
    var bits: UInt32 = 0
    for name in options.tacticSources {
      guard let bit = known[name] else {
        throw DeployError(
          .buildUnsupportedOption,
          "there is no tactic source '\(name)' in \(library.flavor.title) \(library.version.text)",
          at: .option("--tactic-sources"),
          remedy: "use some of: \(known.keys.sorted().joined(separator: ", "))"
        )
      }
      bits |= 1 << UInt32(bit)
    }
    guard vtTrtSetTacticSources(table, config.pointer, bits) else {
      throw unsupported(.tacticSources)
    }
  }

  private func add(
    _ profile: ShapeProfile,
    _ config: TensorRTObject,
    _ builder: TensorRTObject,
    _ network: TensorRTObject
  ) throws {
    let made = vtTrtCreateProfile(table, builder.pointer)
    guard let pointer = made else { throw library.failure("make an optimization profile") }
    for range in profile.ranges {
      let input = try input(of: range)
      for (which, extents) in [range.least, range.usual, range.greatest].enumerated() {
        let dims = VTTrtDims(extents)
        guard vtTrtProfileSetDimensions(table, pointer, input.name, Int32(which), dims) else {
          throw library.failure("accept a profile for '\(input.name)'")
        }
      }
    }
    guard vtTrtProfileIsValid(table, pointer),
      vtTrtAddProfile(table, config.pointer, pointer) >= 0
    else { throw library.failure("accept an optimization profile") }
  }

  /// The input that a range is for, found to fit it.
  private func input(of range: ShapeProfile.Range) throws -> Value {
    let inputs = graph.inputs.map { graph[$0] }
    let found =
      range.input.isEmpty && inputs.count == 1
      ? inputs.first : inputs.first { $0.name == range.input }
    guard let input = found else {
      throw DeployError(
        .backendUnknownBinding,
        range.input.isEmpty ? "the input is not named" : "no input is called '\(range.input)'",
        at: .option("--profile"),
        remedy: "name one of: \(inputs.map(\.name).joined(separator: ", "))"
      )
    }
    for extents in [range.least, range.usual, range.greatest] {
      let type = TensorType(input.type.scalarType, extents.map { .fixed($0) })
      guard extents.count <= 8, type.isCompatible(with: input.type) else {
        throw DeployError(
          .backendShapeMismatch,
          "input '\(input.name)' is \(input.type), which shape \(Shape(extents)) does not fit",
          at: .option("--profile"),
          remedy: "give extents for the open dimensions and repeat the others"
        )
      }
    }
    return input
  }

  private func timingCache(_ config: TensorRTObject) throws -> TensorRTObject? {
    guard let path = options.timingCache else { return nil }
    let old = FileAccess.isReadable(path) ? try MappedFile(path: path) : nil
    let made = vtTrtCreateTimingCache(
      table,
      config.pointer,
      old?.bytes.baseAddress,
      old?.count ?? 0
    )
    guard let made else { throw library.failure("read the timing cache '\(path)'") }
    let cache = TensorRTObject(made)
    guard vtTrtSetTimingCache(table, config.pointer, cache.pointer) else {
      throw library.failure("use the timing cache '\(path)', which another release may have made")
    }
    return cache
  }

  private func timings(_ config: TensorRTObject) -> [UInt8]? {
    guard let cache = vtTrtTimingCache(table, config.pointer),
      let bytes = vtTrtSerializeTimingCache(table, cache)
    else { return nil }
    let memory = TensorRTObject(bytes)
    let start = vtTrtMemoryBytes(table, memory.pointer)
    let count = vtTrtMemoryCount(table, memory.pointer)
    return withExtendedLifetime(memory) {
      Array(UnsafeRawBufferPointer(start: start, count: count))
    }
  }

  private static func silence(_ library: TensorRTLibrary) -> Diagnostic {
    Diagnostic(
      .note,
      .buildUnsupportedOption,
      "\(library.flavor.title) \(library.version.text) does not tell how far a build is"
    )
  }

  private static func cancelled(_ library: TensorRTLibrary) -> DeployError {
    DeployError(
      .buildCancelled,
      "the build by \(library.flavor.rawValue) was stopped",
      remedy: "run it again to build the plan"
    )
  }
}

extension VTTrtDims {
  /// At most 8 extents.
  init(_ values: [Int]) {
    self.init()
    count = Int32(values.count)
    withUnsafeMutableBytes(of: &extents) { bytes in
      let numbers = bytes.bindMemory(to: Int64.self)
      for (index, value) in values.prefix(8).enumerated() { numbers[index] = Int64(value) }
    }
  }

  /// The extents; empty for an invalid shape.
  var values: [Int] {
    withUnsafeBytes(of: extents) { bytes in
      bytes.bindMemory(to: Int64.self).prefix(max(0, min(8, Int(count)))).map { Int($0) }
    }
  }
}

extension Graph {
  /// Whether any value has that element type.
  fileprivate func usesType(_ type: ScalarType) -> Bool {
    values.contains { $0.type.scalarType == type }
  }
}
