import Backends
import CNativeKernels
import Diagnostics
import Files
import Formats
import Graphs
import Passes
import Synchronization
import Tensors

/// A network and the programs that were made of it, one for each set of input shapes.
final class NativePlan: Plan {
  let info: PlanInfo
  let isa: native_isa
  let threadCount: Int
  let pool: ConstantPool
  let tappedNames: [String]
  /// For layers that are its.
  let oneDNN: OneDNNLibrary?
  /// What programs are made from; nil where the only one is there.
  private let maker: ProgramMaker?
  /// The shapes that a plan file was built for; empty: any.
  private let profiles: [ShapeProfile]
  private let programs = Mutex<[[String: Shape]: Program]>([:])

  /// At most this many shapes are kept.
  private static let programLimit = 64

  /// A plan for a graph.
  init(
    _ graph: Graph,
    _ configuration: BuildConfiguration,
    isa: native_isa,
    engines: EngineFolder? = nil
  ) throws {
    var tapped = graph
    for name in configuration.tappedValues {
      guard let value = graph.value(named: name), value.constant == nil else {
        throw DeployError(.backendUnknownBinding, "no value is called '\(name)'")
      }
      if !tapped.outputs.contains(value.id) { tapped.markOutput(value.id) }
    }
    self.isa = isa
    tappedNames = configuration.tappedValues
    threadCount = configuration.threadCount ?? ThreadTeam.processorCount
    pool = ConstantPool()
    profiles = []
    var maker = ProgramMaker(try tapped.prepared(), configuration, isa: isa)
    let inputs = graph.inputs.map { Binding(name: graph[$0].name, type: graph[$0].type) }
    let known = ProgramMaker.knownShapes(inputs)
    // Portable kernels differ too little for that.
    var source = OneDNNSource.off
    if let shapes = known, let level = configuration.tuningLevel, level > 0,
      !configuration.disabledOptimizations.contains("measured-tactics"), isa != NATIVE_PORTABLE
    {
      source = OneDNNSource(engines)
      var tuner = TacticTuner(
        maker: maker,
        shapes: shapes,
        threadCount: threadCount,
        level: level,
        oneDNN: source
      )
      var cache = TimingCache(device: "")
      // What only losers read is not kept.
      maker.tactics = try tuner.tune(&cache, ConstantPool()) { _ in }.tactics
    }
    self.maker = maker
    oneDNN = source.library
    var layers: [LayerInfo] = []
    var memory: PlanMemory?
    if let shapes = known {
      let program = try maker.program(shapes, pool).program
      programs.withLock { $0[shapes] = program }
      (layers, memory) = (program.layerInfos, program.memory)
    }
    info = PlanInfo(
      backend: NativeBackend.name,
      inputs: inputs,
      outputs: graph.outputs.map { Binding(name: graph[$0].name, type: graph[$0].type) },
      layers: layers,
      contract: graph.contract,
      layersNameEveryNode: true,
      memory: memory
    )
  }

  /// A plan from a file, which is mapped as long as this lives.
  init(_ file: MappedFile, threadCount: Int?, engines: EngineFolder? = nil) throws {
    let contents = try NativePlanFile(file.bytes)
    let head = contents.head
    let isa = native_best_isa()
    guard head.instructions <= isa.rawValue else {
      throw DeployError(
        .planOtherDevice,
        "needs \(NativeBackend.isaName(native_isa(rawValue: head.instructions))), and this "
          + "processor has \(NativeBackend.isaName(isa))",
        remedy: "build it again on this machine with `vitrine build`, or let --rebuild do so"
      )
    }
    oneDNN = try head.needsOneDNN ? OneDNNSource(engines).required() : nil
    self.isa = native_isa(rawValue: head.instructions)
    self.threadCount = threadCount ?? ThreadTeam.processorCount
    tappedNames = []
    profiles = head.profiles
    let inputs = head.inputs.map { Binding(name: $0.name, type: $0.type) }
    var layers: [LayerInfo] = []
    var memory: PlanMemory?
    if let stored = head.program, let shapes = ProgramMaker.knownShapes(inputs) {
      pool = ConstantPool(contents.constants, owner: file)
      maker = nil
      let program = try stored.program(inputs: inputs, pool: pool)
      try program.validate(pool)
      guard program.outputs.count == head.outputs.count else {
        throw DeployError.damagedPlan("it has other outputs than it says")
      }
      programs.withLock { $0[shapes] = program }
      (layers, memory) = (program.layerInfos, program.memory)
    } else if let network = head.network, contents.constants.indices.contains(network) {
      pool = ConstantPool()
      var configuration = BuildConfiguration()
      configuration.disabledOptimizations = Set(head.disabled)
      configuration.executionPrecisionHint = ScalarType(rawValue: head.precision)
      let graph = try ONNXReader.read(bytes: Array(contents.constants[network]))
      let stated = { (ids: [ValueID]) in
        ids.map { Binding(name: graph[$0].name, type: graph[$0].type) }
      }
      guard stated(graph.inputs) == inputs,
        stated(graph.outputs) == head.outputs.map({ Binding(name: $0.name, type: $0.type) })
      else { throw DeployError.damagedPlan("its network has other inputs or outputs than it says") }
      var maker = ProgramMaker(try graph.prepared(), configuration, isa: self.isa)
      maker.tactics = head.tactics
      if let limit = head.options.workspaceByteCount {
        maker.workspace = Workspace(limit, threadCount: self.threadCount)
      }
      self.maker = maker
    } else {
      throw DeployError.damagedPlan("it holds no network")
    }
    info = PlanInfo(
      backend: NativeBackend.name,
      inputs: inputs,
      outputs: head.outputs.map { Binding(name: $0.name, type: $0.type) },
      layers: layers,
      contract: head.contract,
      layersNameEveryNode: true,
      memory: memory
    )
  }

  func makeSession() throws -> sending any Session { try NativeSession(self) }

  /// The program for inputs of these shapes, made when it is first asked for.
  func program(_ shapes: [String: Shape]) throws -> Program {
    if let known = programs.withLock({ $0[shapes] }) { return known }
    guard let maker else { throw DeployError.damagedPlan("it is for other shapes") }
    try checkProfiles(shapes)
    let program = try maker.program(shapes, pool).program
    programs.withLock { programs in
      if programs.count >= Self.programLimit { programs.removeAll() }
      programs[shapes] = program
    }
    return program
  }

  private func checkProfiles(_ shapes: [String: Shape]) throws {
    guard !profiles.isEmpty else { return }
    let fits = profiles.contains { profile in
      profile.ranges.allSatisfy { range in
        let name = range.input.isEmpty ? info.inputs.first?.name ?? "" : range.input
        guard let extents = shapes[name]?.dimensions, extents.count == range.least.count else {
          return false
        }
        return zip(extents, zip(range.least, range.greatest)).allSatisfy {
          $0 >= $1.0 && $0 <= $1.1
        }
      }
    }
    guard fits else {
      throw DeployError(
        .backendShapeMismatch,
        "the plan was built for other shapes than "
          + shapes.map { "\($0) \($1)" }.sorted().joined(separator: ", "),
        remedy: "build it with a --profile that covers them"
      )
    }
  }
}
