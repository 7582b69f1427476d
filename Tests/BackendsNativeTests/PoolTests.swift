import Backends
import BackendsNative
import Graphs
import Tensors
import TestSupport
import Testing

/// Chains of pools, as SPPF has them.
@Suite struct PoolTests {
  private func network(channels: Int, quantized: Bool) throws -> (Network, [String: Tensor]) {
    var net = Network(31)
    let shape: Shape = [2, channels, 13, 11]
    let x = net.input("x", shape.dimensions.map { .fixed($0) })
    let step = net.constant(try Tensor([0.02 as Float], shape: []))
    let zero = net.constant(Tensor(scalar: UInt8(90)))
    func bytes(_ value: ValueID) throws -> ValueID {
      guard quantized else { return value }
      let levels = try net.add(QuantizeLinear(), value, step, zero)
      return try net.add(DequantizeLinear(), levels, step, zero)
    }
    var parts = [try bytes(net.add(Relu(), x))]
    for _ in 0..<3 {
      let window = MaxPool(kernelShape: [5, 5], strides: [1, 1], pads: [2, 2, 2, 2])
      parts.append(try bytes(net.add(window, parts[parts.count - 1])))
    }
    net.graph.markOutput(try net.addAll(Concat(axis: 1), parts)[0], named: "pyramid")
    return (net, ["x": try net.tensor(shape, 3)])
  }

  @Test(arguments: [(5, false), (40, false), (150, true)], [1, 2, 3])
  func aChainIsOneLayerAndGivesTheSame(_ form: (channels: Int, quantized: Bool), _ threads: Int)
    async throws
  {
    let (net, inputs) = try network(channels: form.channels, quantized: form.quantized)
    let expected = try net.graph.evaluate(inputs: inputs)
    var counts: [Int] = []
    for disabled in ["", "pools-in-one-pass"] {
      let setting =
        disabled.isEmpty
        ? configuration(threads: threads) : configuration(threads: threads, without: disabled)
      let plan = try await NativeBackend().build(net.graph, configuration: setting).plan
      counts.append(plan.info.layers.count { $0.tactic.hasPrefix("max-pool") })
      #expect(try sameBits(plan.makeSession().run(inputs), expected))
    }
    #expect(counts == [1, 3])
  }
}
