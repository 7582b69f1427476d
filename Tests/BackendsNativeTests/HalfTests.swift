import Backends
import BackendsNative
import Graphs
import Passes
import Tensors
import TestSupport
import Testing

/// Networks whose inputs and outputs are half precision: kernels convert them, and nothing else
/// differs from a network whose inputs and outputs are floats.
@Suite struct HalfTests {
  private static func network() throws -> Network {
    var net = Network(21)
    let x = net.input("x", [2, 3, 24, 20])
    let a = try net.add(SiLU(), net.convolution(x, to: 16, strides: [2, 2]))
    let b = try net.add(SiLU(), net.convolution(a, to: 16))
    let boxes = try net.head(b, anchors: 2, fields: 7, masks: 0, stride: 8)
    net.graph.markOutput(boxes, named: "boxes")
    net.graph.markOutput(try net.add(Cast(to: .float16), boxes), named: "narrow")
    net.graph.markOutput(b, named: "picture")
    return net
  }

  @Test(arguments: [1, 2]) func castsAreExact(_ threads: Int) async throws {
    var net = try Self.network()
    let half = try PassManager([CastToHalf()]).run(on: net.graph).graph
    let single = try PassManager([CastToHalf(castsInterface: false)]).run(on: net.graph).graph
    let input = try net.tensor([2, 3, 24, 20]).converted(to: .float16)
    let found = try await native(half, ["x": input], configuration(threads: threads))
    let wide = try await native(
      single,
      ["x": try input.converted(to: .float32)],
      configuration(threads: threads)
    )
    for (name, tensor) in wide {
      let expected = try tensor.converted(to: #require(found[name]).scalarType)
      #expect(try sameBits(["": try #require(found[name])], ["": expected]), "\(name)")
    }
    #expect(found["picture"]?.scalarType == .float16 && found["narrow"]?.scalarType == .float16)
    let boxes = try #require(found["boxes"]).converted(to: .float16)
    #expect(try sameBits(["": #require(found["narrow"])], ["": boxes]))
  }

  @Test func noLayerIsAReference() async throws {
    let graph = try PassManager([CastToHalf()]).run(on: Self.network().graph).graph
    let layers = try await NativeBackend().build(graph, configuration: configuration()).plan.info
      .layers
    #expect(layers.contains { $0.tactic == "cast f16→f32" })
    #expect(layers.contains { $0.tactic == "cast f32→f16" })
    #expect(!layers.contains { $0.tactic.hasPrefix("reference") }, "\(layers.map(\.tactic))")
  }

  @Test func bfloat16OfCallersNeedsNoReferenceEither() async throws {
    let pass = CastToHalf(castsInterface: true, to: .bfloat16)
    let graph = try PassManager([pass]).run(on: Self.network().graph).graph
    let layers = try await NativeBackend().build(graph, configuration: configuration()).plan.info
      .layers
    #expect(!layers.contains { $0.tactic.hasPrefix("reference") }, "\(layers.map(\.tactic))")
  }

  @Test func plansOfHalfPrecisionGiveTheSame() async throws {
    var net = try Self.network()
    let graph = try PassManager([CastToHalf()]).run(on: net.graph).graph
    let input = ["x": try net.tensor([2, 3, 24, 20]).converted(to: .float16)]
    var options = PlanBuildOptions()
    (options.threadCount, options.level) = (1, 0)
    let built = try await NativeBackend().buildPlanFile(
      graph,
      options: options,
      source: PlanSource(name: "half.onnx"),
      progress: { _ in }
    )
    let file = TemporaryFile(built.bytes, suffix: ".plan")
    let plan = try NativeBackend().loadPlan(path: file.path, configuration: configuration())
    let loaded = try plan.makeSession().run(input)
    #expect(try sameBits(loaded, await native(graph, input)))
  }
}
