import Graphs
import Passes
import Tensors
import Testing

@Suite struct CastToHalfTests {
  private func network() throws -> Network {
    var net = Network()
    let x = net.input("images", [1, 3, 4, 4])
    let c = try net.convolution(x, 3, to: 4, named: "conv")
    let a = try net.add(SiLU(), c, named: "act")
    let scales = try net.constant("scales", [1, 1, 2, 2], [4])
    let up = try net.add(Resize(), a, nil, scales, named: "up")
    net.graph.markOutput(try net.add(Sigmoid(), up, named: "head"), named: "output0")
    return net
  }

  @Test(arguments: [true, false]) func computesInHalfPrecision(_ castsInterface: Bool) throws {
    let net = try network()
    let pass = CastToHalf(castsInterface: castsInterface)
    let outcome = try PassManager([pass]).run(on: net.graph)
    let kind = castsInterface ? "half" : "single"
    expectGolden("\(net.graph)->\n\(outcome.graph)", "cast-to-half-\(kind)-interface")
    let type: ScalarType = castsInterface ? .float16 : .float32
    #expect(outcome.graph[outcome.graph.inputs[0]].type.scalarType == type)
    #expect(outcome.graph[outcome.graph.outputs[0]].type.scalarType == type)
    #expect(outcome.graph.operatorNames.count { $0 == "Cast" } == (castsInterface ? 0 : 2))
    let images = try numbers([1, 3, 4, 4])
    let expected = try net.graph.evaluated(["images": images])
    let actual = try outcome.graph.evaluated(["images": images.converted(to: type)])
    #expect(try difference(actual, expected, .half) == nil)
    let again = try PassManager([pass]).run(on: outcome.graph)
    #expect(again.records.isEmpty)
  }

  /// The name of such an input is its output's, too.
  @Test func keepsAnInputThatIsAnOutput() throws {
    var net = try network()
    net.graph.markOutput(net.graph.inputs[0])
    let graph = try PassManager([CastToHalf()]).run(on: net.graph).graph
    #expect(graph[graph.inputs[0]].type.scalarType == .float32)
    #expect(graph.outputs.map { graph[$0].type.scalarType } == [.float16, .float32])
    let inputs = ["images": try numbers([1, 3, 4, 4])]
    #expect(try difference(graph.evaluated(inputs), net.graph.evaluated(inputs), .half) == nil)
  }

  @Test func keepsShapeArithmeticAndLargeConstants() throws {
    var net = Network()
    let x = net.input("x", [1, 2])
    let scale = try net.add(Cast(to: .float32), net.add(ShapeOf(), x), named: "extents")
    let doubled = try net.add(Mul(), scale, net.constant("two", [2], [1]), named: "doubled")
    net.graph.markOutput(try net.add(Cast(to: .int64), doubled, named: "sizes"))
    let far = try net.add(Add(), x, net.constant("far", [1e6], [1]), named: "far.sum")
    net.graph.markOutput(far)
    let graph = try PassManager([CastToHalf(castsInterface: false)]).run(on: net.graph).graph
    for name in ["doubled", "far.sum"] {
      let node = try #require(graph.node(name))
      #expect(graph[node.outputs[0]].type.scalarType == .float32)
    }
    #expect(
      try difference(
        graph.evaluated(["x": numbers([1, 2])]),
        net.graph.evaluated(["x": numbers([1, 2])]),
        .half
      ) == nil
    )
  }

  /// What float16 cannot hold stays in single precision where it is asked for, and then the result is
  /// that of single precision.
  @Test func exemptedNodesHoldLargeNumbers() throws {
    var net = Network()
    let x = net.input("images", [1, 1, 2, 2])
    let large = try net.add(Mul(), x, net.constant("large", [60_000], []), named: "up")
    let small = try net.add(Mul(), large, net.constant("small", [0.00002], []), named: "down")
    net.graph.markOutput(try net.add(Relu(), small, named: "last"), named: "output0")
    let images = try Tensor([2, 1, 0.5, 4] as [Float], shape: [1, 1, 2, 2])
    func result(_ kept: Set<String>) throws -> [Float] {
      var pass = CastToHalf(castsInterface: false)
      pass.keptNodes = kept
      let graph = try PassManager([pass]).run(on: net.graph).graph
      return try #require(graph.evaluated(["images": images])["output0"]).floats()
    }
    #expect(try result([])[3] == .infinity)
    let exempted = try result(["up", "down"])
    #expect(zip(exempted, [2.4, 1.2, 0.6, 4.8]).allSatisfy { abs($0 - $1) < 0.01 })
  }
}
