import Backends
import BackendsNative
import Graphs
import Passes
import Tensors
import Testing

/// Random networks against the operators' definitions. `VITRINE_RANDOM_NETWORKS` is how many times
/// as many are tried.
@Suite struct NetworkTests {
  /// Float32: sums in another order, and Winograd's form, whose error is about 1e-5 of the largest
  /// result.
  private static let single = Agreement(relative: 1e-4, absolute: 2e-5)

  @Test(arguments: seeds(1, 120)) func equalsTheReference(_ seed: Int) async throws {
    var network = try RandomNetwork(seed)
    let inputs = try network.inputs()
    let graph = network.net.graph
    let expected = try graph.evaluate(inputs: inputs)
    let one = try await native(graph, inputs)
    let difference = try Self.single.difference(one, expected)
    #expect(difference == nil, "seed \(seed)\n\(graph)")
    for threads in [2, 3] {
      let more = try await native(graph, inputs, configuration(threads: threads))
      #expect(try sameBits(one, more), "seed \(seed), \(threads) threads")
    }
    for optimization in NativeBackend().optimizations {
      let slow = try await native(graph, inputs, configuration(without: optimization.name))
      let difference = try Self.single.difference(slow, expected)
      #expect(difference == nil, "seed \(seed) without \(optimization.name)\n\(graph)")
    }
    var plain = configuration(threads: 2)
    plain.optimization = .none
    let unoptimized = try await native(graph, inputs, plain)
    #expect(try Self.single.difference(unoptimized, expected) == nil, "seed \(seed), plain")
  }

  /// Half precision is computed in single precision: what differs is the reference's rounding to 11
  /// bits after each of at most about 20 nodes.
  @Test(arguments: seeds(100_001, 30), [true, false])
  func halfPrecision(_ seed: Int, _ castsInterface: Bool) async throws {
    try await check(seed, CastToHalf(castsInterface: castsInterface), Agreement(relative: 1e-2))
  }

  /// bfloat16 has 8 bits: each of at most about 20 nodes rounds by 2⁻⁹ of its result, in the engine
  /// at other places than in the reference, which knows no fused nodes.
  @Test(arguments: seeds(200_001, 50), [true, false])
  func bfloat16(_ seed: Int, _ castsInterface: Bool) async throws {
    let pass = CastToHalf(castsInterface: castsInterface, to: .bfloat16)
    try await check(seed, pass, Agreement(relative: 6e-2))
  }

  @Test(arguments: seeds(300_001, 30)) func precisionHint(_ seed: Int) async throws {
    var network = try RandomNetwork(seed)
    let inputs = try network.inputs()
    let expected = try network.net.graph.evaluate(inputs: inputs)
    let actual = try await native(network.net.graph, inputs, configuration(precision: .bfloat16))
    let difference = try Agreement(relative: 6e-2).difference(actual, expected)
    #expect(difference == nil, "seed \(seed)\n\(network.net.graph)")
  }

  private func check(_ seed: Int, _ pass: CastToHalf, _ agreement: Agreement) async throws {
    var network = try RandomNetwork(seed)
    let single = try network.inputs()
    let graph = try PassManager([pass]).run(on: network.net.graph).graph
    var inputs: [String: Tensor] = [:]
    for id in graph.inputs {
      let name = graph[id].name
      inputs[name] = try single[name]?.converted(to: graph[id].type.scalarType)
    }
    let expected = try graph.evaluate(inputs: inputs)
    let one = try await native(graph, inputs)
    let difference = try agreement.difference(one, expected)
    #expect(difference == nil, "seed \(seed)\n\(graph)")
    for threads in [2, 3] {
      let more = try await native(graph, inputs, configuration(threads: threads))
      #expect(try sameBits(one, more), "seed \(seed), \(threads) threads")
    }
    for disabled in ["vector-kernels", "share-memory", "views", "pools-in-one-pass"] {
      let slow = try await native(graph, inputs, configuration(without: disabled))
      let difference = try agreement.difference(slow, expected)
      #expect(difference == nil, "seed \(seed) without \(disabled)\n\(graph)")
    }
  }
}
