import Backends
import CNativeKernels
import Diagnostics
import Foundation
import Graphs
import Tensors
import TestSupport
import Testing

@testable import BackendsNative

/// The library that `Scripts/setup` unpacked.
private enum UnpackedOneDNN {
  static let engines = EngineFolder(Engines.folder)
  static let isThere = (try? OneDNNLibrary.open(engines)) != nil
}

/// Convolutions by oneDNN give what the operators' definitions give, whatever lies around their
/// pixels, with the same bits for every number of threads.
@Suite(.enabled(if: UnpackedOneDNN.isThere, "run Scripts/setup onednn"))
struct OneDNNTests {
  private static let engines = UnpackedOneDNN.engines

  /// The results with every convolution that oneDNN takes being its, and how many there were.
  private static func run(
    _ graph: Graph,
    _ inputs: [String: Tensor],
    _ configuration: BuildConfiguration
  ) throws -> (results: [String: Tensor], count: Int) {
    let library = try OneDNNLibrary.open(engines)
    let pool = ConstantPool()
    var maker = ProgramMaker(try graph.prepared(), configuration, isa: native_best_isa())
    let shapes = inputs.mapValues(\.shape)
    for layer in try maker.program(shapes, pool).program.layers {
      guard case .convolution(let work) = layer.work else { continue }
      let program = try maker.program(shapes, pool).program
      let signature = TacticSignature(work, program.surfaces[work.source]).text
      guard (try? OneDNNConvolution(OneDNNForm(work, program.surfaces), library)) != nil else {
        continue
      }
      maker.tactics[signature] = Tactic(kind: .oneDNN, blockVectors: 1)
    }
    let program = try maker.program(shapes, pool).program
    try program.validate(pool)
    let buffers = try program.inputs.map { input in
      let tensor = try #require(inputs[input.name])
      let buffer = TensorBuffer(shape: tensor.shape, scalarType: tensor.scalarType)
      try buffer.copy(tensor)
      return buffer
    }
    let bound = try BoundProgram(
      program,
      inputs: buffers,
      team: ThreadTeam(configuration.threadCount ?? 1),
      isa: native_best_isa(),
      pool: pool,
      oneDNN: library
    )
    _ = try bound.layerTimes()
    _ = try bound.layerTimes()
    var results: [String: Tensor] = [:]
    for (number, output) in program.outputs.enumerated() {
      results[output.binding.name] = try bound.result(number).tensor()
    }
    return (results, program.layers.count { $0.isOneDNN })
  }

  private static func check(
    _ graph: Graph,
    _ inputs: [String: Tensor],
    _ agreement: Agreement,
    precision: ScalarType? = nil
  ) throws -> Int {
    let expected = try graph.evaluate(inputs: inputs)
    let one = try run(graph, inputs, configuration(precision: precision))
    let difference = try agreement.difference(one.results, expected)
    #expect(difference == nil, "\(graph)")
    for threads in [2, 3] {
      let more = try run(graph, inputs, configuration(threads: threads, precision: precision))
      #expect(try sameBits(one.results, more.results), "\(threads) threads")
    }
    return one.count
  }

  private static let single = Agreement(relative: 1e-4, absolute: 2e-5)

  /// Everything that decides how a convolution is given to the library.
  private static func network(_ seed: Int) throws -> (Graph, [String: Tensor]) {
    var net = Network(seed)
    let size = [net.number(9...40), net.number(9...40)]
    let x = net.input("x", [.fixed(net.number(1...2)), 3, .fixed(size[0]), .fixed(size[1])])
    let stem = try net.convolution(
      x,
      to: net.pick([8, 12, 16, 20]),
      kernel: [6, 6],
      strides: [2, 2],
      pads: [2, 2, 2, 2]
    )
    var a = try net.add(SiLU(), stem)
    for _ in 0..<net.number(1...3) {
      let channels = net.shape(a)[1]
      let kernel = net.pick([[1, 1], [3, 3], [1, 3], [5, 5]])
      let b = try net.convolution(a, to: channels, kernel: kernel)
      let activation: any Operator = net.pick([
        SiLU(), Relu(), LeakyRelu(alpha: 0.1), HardSwish(), Sigmoid(),
      ])
      switch net.number(0...3) {
      case 0: a = try net.add(Add(), a, net.add(activation, b))
      case 1: a = try net.add(activation, net.add(Add(), a, b))
      case 2:
        // Parts of one value, with gaps between pixels, read again.
        let c = try net.add(activation, net.convolution(a, to: 16, kernel: [1, 1]))
        a = try net.addAll(Concat(axis: 1), [net.add(activation, b), c])[0]
      default: a = try net.add(activation, net.convolution(b, to: 24, strides: [2, 2]))
      }
    }
    net.graph.markOutput(try net.convolution(a, to: 8), named: "y")
    net.graph.markOutput(a, named: "a")
    let shape = net.shape(x)
    return (net.graph, ["x": try net.tensor(shape)])
  }

  @Test(arguments: seeds(500_001, 25)) func equalsTheReference(_ seed: Int) throws {
    let (graph, inputs) = try Self.network(seed)
    #expect(try Self.check(graph, inputs, Self.single) > 1)
  }

  @Test(arguments: seeds(600_001, 10)) func bfloat16(_ seed: Int) throws {
    let (graph, inputs) = try Self.network(seed)
    _ = try Self.check(graph, inputs, Agreement(relative: 6e-2), precision: .bfloat16)
  }

  @Test func whatItDoesNotTakeSaysWhy() async throws {
    var options = PlanBuildOptions()
    (options.threadCount, options.level) = (1, 1)
    let built = try await NativeBackend(engines: Self.engines).buildPlanFile(
      PlanNetwork.make().graph,
      options: options,
      source: PlanSource(name: "everything.onnx"),
      progress: { _ in }
    )
    let excluded = built.decisions.flatMap(\.excluded).filter { $0.tactic == "onednn" }
    #expect(excluded.contains { $0.reason.contains("bit by bit") })
    #expect(excluded.contains { $0.reason.contains("decoded row by row") })
    #expect(excluded.contains { $0.reason.contains("part of the channels") })
    #expect(built.decisions.contains { $0.candidates.contains { $0.tactic == "onednn" } })
    options.tacticSources = ["native"]
    let own = try await NativeBackend(engines: Self.engines).buildPlanFile(
      PlanNetwork.make().graph,
      options: options,
      source: PlanSource(name: "everything.onnx"),
      progress: { _ in }
    )
    #expect(own.decisions.allSatisfy { $0.candidates.allSatisfy { $0.tactic != "onednn" } })
  }

  /// The plan of ``PlanNetwork`` whose timing cache says that oneDNN takes no time.
  private static func plan() async throws -> BuiltPlanFile {
    func build(_ cache: TemporaryFile) async throws -> BuiltPlanFile {
      var options = PlanBuildOptions()
      (options.threadCount, options.level, options.timingCache) = (1, 1, cache.path)
      return try await NativeBackend(engines: engines).buildPlanFile(
        PlanNetwork.make().graph,
        options: options,
        source: PlanSource(name: "everything.onnx", digest: "0"),
        progress: { _ in }
      )
    }
    let measured = TemporaryFile(suffix: ".json")
    _ = try await build(measured)
    let text = try String(contentsOfFile: measured.path, encoding: .utf8)
    let free = text.replacing(#/"onednn" : [0-9.e+-]+/#, with: "\"onednn\" : 0")
    #expect(free != text)
    return try await build(TemporaryFile(Array(free.utf8), suffix: ".json"))
  }

  @Test func aPlanSaysThatItNeedsIt() async throws {
    let built = try await Self.plan()
    #expect(built.description.layers.contains { $0.tactic.hasPrefix("onednn") })
    #expect(built.description.facts.contains { $0.value.contains("oneDNN (measured: 3") })
    let file = TemporaryFile(built.bytes, suffix: ".plan")
    let loaded = try NativeBackend(engines: Self.engines).loadPlan(
      path: file.path,
      configuration: configuration()
    )
    let results = try loaded.makeSession().run(PlanNetwork.inputs())
    let expected = try PlanNetwork.make().graph.evaluate(inputs: PlanNetwork.inputs())
    #expect(try Agreement(relative: 2e-2).difference(results, expected) == nil)
    // Two sessions share the weights that were rearranged.
    let more = try loaded.makeSession().run(PlanNetwork.inputs())
    #expect(try sameBits(results, more))
    // What it says can be read everywhere; it can be run only with the library.
    _ = try NativeBackend().describePlan(path: file.path)
    let error = #expect(throws: DeployError.self) {
      try OneDNNSource.absent("it is gone").required()
    }
    #expect(error?.id == .planNeedsOneDNN && error?.diagnostics[0].message.contains("gone") == true)
  }

  @Test func liesEndInErrors() async throws {
    let plan = try ForgedPlan(try await Self.plan().bytes)
    try ForgedPlanTests.attack(plan, "forged-onednn-plan", 1, 700, engines: Self.engines)
  }
}

extension Layer {
  fileprivate var isOneDNN: Bool {
    if case .convolution(let work) = work { work.kind == .oneDNN } else { false }
  }
}
