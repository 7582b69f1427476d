import Backends
import CNativeKernels
import Graphs
import Passes
import Tensors

/// Makes programs of a network: passes, then kernels and memory.
struct ProgramMaker: Sendable {
  /// The network, of any shape.
  let source: Graph
  let configuration: BuildConfiguration
  let isa: native_isa
  /// What measurements chose, by signature.
  var tactics: [String: Tactic] = [:]
  /// What limits scratch memory; nil: nothing.
  var workspace: Workspace?

  init(_ source: Graph, _ configuration: BuildConfiguration, isa: native_isa) {
    self.source = source
    self.configuration = configuration
    self.isa = isa
  }

  /// The shapes of inputs that are all known, by name.
  static func knownShapes(_ inputs: [Binding]) -> [String: Shape]? {
    var shapes: [String: Shape] = [:]
    for input in inputs {
      guard let shape = input.type.shape else { return nil }
      shapes[input.name] = shape
    }
    return shapes
  }

  /// The program for inputs of these shapes, and what the passes did.
  func program(_ shapes: [String: Shape], _ pool: ConstantPool) throws -> (
    program: Program, records: [PatchRecord]
  ) {
    var types: [String: TensorType] = [:]
    for id in source.inputs {
      let value = source[id]
      guard let shape = shapes[value.name] else { continue }
      types[value.name] = TensorType(value.type.scalarType, shape)
    }
    var graph = try source.retyped(inputs: types)
    var records: [PatchRecord] = []
    if configuration.optimization != .none {
      let manager = PassManager(passes, disabled: configuration.disabledOptimizations)
      let outcome = try manager.run(on: graph)
      (graph, records) = (outcome.graph, outcome.records)
    }
    var options = CompilerOptions(
      isa: isa.rawValue,
      disabled: configuration.disabledOptimizations
    )
    options.tactics = tactics
    options.workspace = workspace
    var compiler = Compiler(graph, options, pool)
    return (try compiler.compile(), records)
  }

  private var passes: [any Pass] {
    var passes = PassCatalog.native.passes
    if configuration.executionPrecisionHint == .bfloat16 {
      passes.append(
        CastToHalf(castsInterface: false, to: .bfloat16, operators: Compiler.pictureOperators)
      )
    }
    return passes
  }
}

extension Compiler {
  /// What computes in bfloat16 where it is asked for: everything that kernels do to pictures.
  static let pictureOperators: Set<String> = [
    "Conv", "FusedConvolution", "MaxPool", "Concat", "Resize", "Split", "Slice", "Add",
    "BatchNormalization", "SiLU", "Relu", "LeakyRelu", "HardSwish", "Sigmoid", "Clip",
  ]
}
