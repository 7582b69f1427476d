import Graphs
import Passes
import Tensors
import Testing

@Suite struct FoldBatchNormalizationTests {
  private func network(groups: Int = 1, bias: Bool = true) throws -> Graph {
    var net = Network()
    let x = net.input("images", [1, 4, 5, 5])
    let c = try net.convolution(x, 4, to: 6, groups: groups, bias: bias, named: "conv")
    net.graph.markOutput(try net.normalization(c, 6, named: "bn"), named: "output0")
    return net.graph
  }

  @Test(arguments: [(1, true), (2, false), (1, false), (2, true)])
  func foldsIntoTheWeights(_ groups: Int, _ bias: Bool) throws {
    let graph = try network(groups: groups, bias: bias)
    let outcome = try PassManager([RewritePass(FoldBatchNormalization())]).run(on: graph)
    #expect(outcome.graph.operatorNames == ["Conv"])
    let images = ["images": try numbers([1, 4, 5, 5])]
    let difference = try difference(
      outcome.graph.evaluated(images),
      graph.evaluated(images),
      Tolerance(absolute: 1e-5, relative: 1e-5)
    )
    #expect(difference == nil)
    #expect(outcome.records.count == 1)
    #expect(outcome.records.first?.modules == ["model.conv", "model.bn"])
    #expect(outcome.graph.constants.map(\.name).sorted() == ["conv.bias", "conv.weight"])
    let names = [groups == 1 ? "one-group" : "two-groups", bias ? "bias" : "no-bias"]
    expectGolden(
      "\(graph)->\n\(outcome.graph)",
      "fold-batch-normalization-\(names.joined(separator: "-"))"
    )
  }

  @Test func givesTheNumbersOfPyTorch() throws {
    let fixture = fixtureNumbers("fuse-conv-bn.txt")
    let list = { (name: String) in try #require(fixture[name]) }
    var net = Network()
    let x = net.input("x", [1, 3, 6, 5])
    let w = try net.constant("w", list("weight"), [4, 3, 3, 3])
    let b = try net.constant("b", list("bias"), [4])
    let c = try net.add(Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1]), x, w, b)
    let parameters = try ["scale", "shift", "mean", "variance"]
      .map { try net.constant($0, list($0), [4]) }
    let y = try net.add(
      BatchNormalization(epsilon: 1e-3),
      c,
      parameters[0],
      parameters[1],
      parameters[2],
      parameters[3]
    )
    net.graph.markOutput(y, named: "y")
    let folded = try PassManager([RewritePass(FoldBatchNormalization())]).run(on: net.graph).graph
    let tolerance = Tolerance(absolute: 2e-6, relative: 2e-6)
    let expected: [String: Tensor] = [
      "w": try Tensor(list("fused_weight"), shape: [4, 3, 3, 3]),
      "b": try Tensor(list("fused_bias"), shape: [4]),
    ]
    let actual = try #require(folded.nodes.first).inputs.dropFirst().map { id in
      folded[try #require(id)]
    }
    let found = Dictionary(uniqueKeysWithValues: actual.map { ($0.name, $0.constant) })
    #expect(try difference(found.compactMapValues { $0 }, expected, tolerance) == nil)
    let result = try folded.evaluated(["x": Tensor(list("x"), shape: [1, 3, 6, 5])])
    let reference = ["y": try Tensor(list("y"), shape: [1, 4, 6, 5])]
    #expect(try difference(result, reference, Tolerance(absolute: 1e-5, relative: 1e-5)) == nil)
  }

  @Test func followsTheFormula() throws {
    // γ / √(σ² + ε) and β - μ · s for one channel, by hand: γ 2, β 1, μ 3, σ² 15, ε 1.
    var net = Network()
    let x = net.input("x", [1, 1, 1, 1])
    let w = try net.constant("w", [8], [1, 1, 1, 1])
    let c = try net.add(Conv(), x, w, net.constant("b", [4], [1]))
    let y = try net.add(
      BatchNormalization(epsilon: 1),
      c,
      net.constant("scale", [2], [1]),
      net.constant("shift", [1], [1]),
      net.constant("mean", [3], [1]),
      net.constant("variance", [15], [1])
    )
    net.graph.markOutput(y)
    let folded = try PassManager([RewritePass(FoldBatchNormalization())]).run(on: net.graph).graph
    let node = try #require(folded.nodes.first)
    let tensors = try node.inputs.compactMap { try $0.flatMap { folded[$0].constant }?.floats() }
    #expect(tensors == [[4], [1.5]])
  }

  @Test func foldsTransposedConvolutions() throws {
    guard let type = OperatorCatalog.standard["ConvTranspose"] else { return }
    for groups in [1, 2] {
      var net = Network()
      let x = net.input("x", [1, 4, 3, 3])
      let shape: Shape = [4, 6 / groups, 2, 2]
      let w = net.graph.addConstant("w", try numbers(shape, seed: 3))
      let op = try type.init(
        attributes: Attributes(["group": .int(Int64(groups)), "strides": .ints([2, 2])]),
        outputCount: 1
      )
      let c = try net.add(op, x, w)
      net.graph.markOutput(try net.normalization(c, 6, named: "bn"))
      let folded = try PassManager([RewritePass(FoldBatchNormalization())]).run(on: net.graph).graph
      #expect(folded.operatorNames == ["ConvTranspose"])
      let inputs = ["x": try numbers([1, 4, 3, 3])]
      #expect(try difference(folded.evaluated(inputs), net.graph.evaluated(inputs)) == nil)
    }
  }

  @Test func refusesASharedConvolution() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    net.graph.markOutput(try net.normalization(c, 3, named: "bn"))
    net.graph.markOutput(try net.add(Relu(), c))
    try expectNothingToDo(RewritePass(FoldBatchNormalization()), net.graph)
  }

  @Test func refusesAConvolutionThatIsAnOutput() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    net.graph.markOutput(try net.normalization(c, 3, named: "bn"))
    net.graph.markOutput(c)
    try expectNothingToDo(RewritePass(FoldBatchNormalization()), net.graph)
  }

  @Test func refusesComputedParameters() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let w = net.input("w", [3, 2, 1, 1])
    let c = try net.add(Conv(), x, w)
    net.graph.markOutput(try net.normalization(c, 3, named: "bn"))
    try expectNothingToDo(RewritePass(FoldBatchNormalization()), net.graph)
  }
}

/// The pass proposes nothing.
func expectNothingToDo(
  _ pass: any Pass,
  _ graph: Graph,
  _ location: SourceLocation = #_sourceLocation
) throws {
  let outcome = try PassManager([pass]).run(on: graph)
  #expect(outcome.records.isEmpty, sourceLocation: location)
  #expect(outcome.graph.description == graph.description, sourceLocation: location)
}
