import Backends
import CNativeKernels
import Diagnostics
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
  private let source: Graph
  private let configuration: BuildConfiguration
  private let programs = Mutex<[[String: Shape]: Program]>([:])

  /// At most this many shapes are kept.
  private static let programLimit = 64

  init(_ graph: Graph, _ configuration: BuildConfiguration, isa: native_isa) throws {
    var tapped = graph
    for name in configuration.tappedValues {
      guard let value = graph.value(named: name), value.constant == nil else {
        throw DeployError(.backendUnknownBinding, "no value is called '\(name)'")
      }
      if !tapped.outputs.contains(value.id) { tapped.markOutput(value.id) }
    }
    self.isa = isa
    self.configuration = configuration
    tappedNames = configuration.tappedValues
    threadCount = configuration.threadCount ?? ThreadTeam.processorCount
    pool = ConstantPool()
    source = try tapped.prepared()
    let binding = { (id: ValueID) in Binding(name: graph[id].name, type: graph[id].type) }
    let inputs = graph.inputs.map(binding)
    var layers: [LayerInfo] = []
    var shapes: [String: Shape]? = [:]
    for input in inputs { shapes?[input.name] = input.type.shape }
    if shapes?.count == inputs.count, let shapes {
      let program = try Self.compile(source, shapes, configuration, isa, pool)
      programs.withLock { $0[shapes] = program }
      layers = program.layerInfos
    }
    info = PlanInfo(
      backend: NativeBackend.name,
      inputs: inputs,
      outputs: graph.outputs.map(binding),
      layers: layers,
      contract: graph.contract,
      layersNameEveryNode: true
    )
  }

  func makeSession() throws -> sending any Session { try NativeSession(self) }

  /// The program for inputs of these shapes, made when it is first asked for.
  func program(_ shapes: [String: Shape]) throws -> Program {
    if let known = programs.withLock({ $0[shapes] }) { return known }
    let program = try Self.compile(source, shapes, configuration, isa, pool)
    programs.withLock { programs in
      if programs.count >= Self.programLimit { programs.removeAll() }
      programs[shapes] = program
    }
    return program
  }

  private static func compile(
    _ source: Graph,
    _ shapes: [String: Shape],
    _ configuration: BuildConfiguration,
    _ isa: native_isa,
    _ pool: ConstantPool
  ) throws -> Program {
    var types: [String: TensorType] = [:]
    for id in source.inputs {
      let value = source[id]
      guard let shape = shapes[value.name] else { continue }
      types[value.name] = TensorType(value.type.scalarType, shape)
    }
    var graph = try source.retyped(inputs: types)
    if configuration.optimization != .none {
      var passes = PassCatalog.native.passes
      if configuration.executionPrecisionHint == .bfloat16 {
        passes.append(
          CastToHalf(castsInterface: false, to: .bfloat16, operators: Compiler.pictureOperators)
        )
      }
      let disabled = configuration.disabledOptimizations
      graph = try PassManager(passes, disabled: disabled).run(on: graph).graph
    }
    let options = CompilerOptions(
      isa: isa.rawValue,
      disabled: configuration.disabledOptimizations
    )
    var compiler = Compiler(graph, options, pool)
    return try compiler.compile()
  }
}

extension Compiler {
  /// What computes in bfloat16 where it is asked for: everything that kernels do to pictures.
  static let pictureOperators: Set<String> = [
    "Conv", "FusedConvolution", "MaxPool", "Concat", "Resize", "Split", "Slice", "Add",
    "BatchNormalization", "SiLU", "Relu", "LeakyRelu", "HardSwish", "Sigmoid", "Clip",
  ]
}
