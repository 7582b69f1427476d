import Graphs
import Passes
import Tensors
import Testing

/// What becomes part of a convolution, and what must not.
@Suite struct FuseConvolutionTests {
  private static let fusion = RewritePass(
    "fuse-convolutions",
    [FuseConvolutionActivation(), FuseConvolutionSum()]
  )

  /// Runs the pass, checks the text, the numbers and that nothing is left to do.
  private func fused(_ net: Network, _ golden: String? = nil, _ inputs: [String: Shape]) throws
    -> Graph
  {
    let outcome = try PassManager([Self.fusion]).run(on: net.graph)
    if let golden { expectGolden("\(net.graph)->\n\(outcome.graph)", golden) }
    let again = try PassManager([Self.fusion]).run(on: outcome.graph)
    #expect(again.records.isEmpty)
    try outcome.graph.verify()
    let tensors = try Dictionary(
      uniqueKeysWithValues: inputs.map { ($0.key, try numbers($0.value, seed: $0.key.count)) }
    )
    let wanted = try net.graph.evaluated(tensors)
    #expect(try difference(outcome.graph.evaluated(tensors), wanted) == nil)
    return outcome.graph
  }

  private func fusedConvolution(_ graph: Graph, _ name: String) throws -> FusedConvolution {
    try #require(graph.node(name)?.op as? FusedConvolution)
  }

  // MARK: Activations

  private static let activations: [(name: String, op: any Operator, activation: Activation)] = [
    ("silu", SiLU(), .silu),
    ("relu", Relu(), .relu),
    ("leaky-relu", LeakyRelu(alpha: 0.1), .leakyRelu(alpha: 0.1)),
    ("hard-swish", HardSwish(), .hardSwish),
    ("sigmoid", Sigmoid(), .sigmoid),
    ("hard-sigmoid", HardSigmoid(alpha: 0.3, beta: 0.4), .hardSigmoid(alpha: 0.3, beta: 0.4)),
    ("tanh", Tanh(), .tanh),
    ("mish", Mish(), .mish),
  ]

  @Test(arguments: activations.indices) func fusesEveryActivation(_ index: Int) throws {
    let (name, op, activation) = Self.activations[index]
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    net.graph.markOutput(try net.add(op, c, named: "act"), named: "y")
    let graph = try fused(net, "fuse-convolution-\(name)", ["x": [1, 2, 4, 4]])
    #expect(graph.operatorNames == ["FusedConvolution"])
    #expect(try fusedConvolution(graph, "act").activation == activation)
    #expect(graph.nodes.first?.provenance.modules == ["model.conv", "model.act"])
  }

  @Test(arguments: [(Float?(0), Float?(6)), (nil, 1.5), (-0.25, nil), (nil, nil)])
  func fusesClipWithItsBounds(_ lower: Float?, _ upper: Float?) throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    let bounds = try [("lower", lower), ("upper", upper)].map { name, bound in
      try bound.map { try net.constant(name, [$0], []) }
    }
    net.graph.markOutput(try net.add(Clip(), c, bounds[0], bounds[1], named: "act"), named: "y")
    let golden = lower == 0 ? "fuse-convolution-clip" : nil
    let graph = try fused(net, golden, ["x": [1, 2, 4, 4]])
    let expected = Activation.clip(lower: lower ?? -.infinity, upper: upper ?? .infinity)
    #expect(try fusedConvolution(graph, "act").activation == expected)
  }

  @Test func refusesBoundsThatAreComputed() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let bound = net.input("bound", [])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    net.graph.markOutput(try net.add(Clip(), c, bound, named: "act"), named: "y")
    try expectNothingToDo(Self.fusion, net.graph)
  }

  @Test func refusesAConvolutionThatSomebodyElseReads() throws {
    for isOutput in [true, false] {
      var net = Network()
      let x = net.input("x", [1, 2, 4, 4])
      let c = try net.convolution(x, 2, to: 3, named: "conv")
      net.graph.markOutput(try net.add(SiLU(), c, named: "act"))
      net.graph.markOutput(isOutput ? c : try net.add(Transpose(), c, named: "other"))
      try expectNothingToDo(Self.fusion, net.graph)
    }
  }

  @Test func fusesOneActivationOnly() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    let a = try net.add(Relu(), c, named: "first")
    net.graph.markOutput(try net.add(Sigmoid(), a, named: "second"), named: "y")
    let graph = try fused(net, nil, ["x": [1, 2, 4, 4]])
    #expect(graph.operatorNames == ["FusedConvolution", "Sigmoid"])
  }

  // MARK: Sums

  @Test(arguments: [true, false], [true, false])
  func keepsTheOrderOfSumAndActivation(_ activationFirst: Bool, _ addedFirst: Bool) throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let r = net.input("added", [1, 3, 4, 4])
    var c = try net.convolution(x, 2, to: 3, named: "conv")
    if activationFirst { c = try net.add(SiLU(), c, named: "act") }
    c = try net.add(Add(), addedFirst ? r : c, addedFirst ? c : r, named: "sum")
    if !activationFirst { c = try net.add(SiLU(), c, named: "act") }
    net.graph.markOutput(c, named: "y")
    let order = activationFirst ? "after" : "before"
    let graph = try fused(
      net,
      addedFirst ? "fuse-convolution-sum-\(order)" : nil,
      ["x": [1, 2, 4, 4], "added": [1, 3, 4, 4]]
    )
    #expect(graph.operatorNames == ["FusedConvolution"])
    let op = try fusedConvolution(graph, activationFirst ? "sum" : "act")
    #expect(op.residual == (activationFirst ? .afterActivation : .beforeActivation))
    #expect(op.activation == .silu)
  }

  @Test func appliesNoActivationAfterASumThatFollowsOne() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let r = net.input("added", [1, 3, 4, 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    let a = try net.add(Sigmoid(), c, named: "act")
    let sum = try net.add(Add(), a, r, named: "sum")
    net.graph.markOutput(try net.add(Relu(), sum, named: "last"), named: "y")
    let graph = try fused(net, nil, ["x": [1, 2, 4, 4], "added": [1, 3, 4, 4]])
    #expect(graph.operatorNames == ["FusedConvolution", "Relu"])
  }

  @Test func addsOneValueOnly() throws {
    var net = Network()
    let x = net.input("x", [1, 3, 4, 4])
    let c = try net.convolution(x, 3, to: 3, named: "conv")
    let sum = try net.add(Add(), c, x, named: "sum")
    net.graph.markOutput(try net.add(Add(), sum, x, named: "again"), named: "y")
    let graph = try fused(net, nil, ["x": [1, 3, 4, 4]])
    #expect(graph.operatorNames == ["FusedConvolution", "Add"])
  }

  @Test func addsOneOfTwoConvolutionsToTheOther() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let a = try net.add(SiLU(), net.convolution(x, 2, to: 3, named: "a"), named: "a.act")
    let b = try net.add(SiLU(), net.convolution(x, 2, to: 3, named: "b"), named: "b.act")
    net.graph.markOutput(try net.add(Add(), a, b, named: "sum"), named: "y")
    let graph = try fused(net, nil, ["x": [1, 2, 4, 4]])
    #expect(graph.operatorNames == ["FusedConvolution", "FusedConvolution"])
  }

  /// What is added to the convolution's result in a network that must stay as it is.
  enum Refusal: CaseIterable {
    case constant, broadcast, itself, readTwice, output
  }

  @Test(arguments: Refusal.allCases) func refusesOtherSums(_ refusal: Refusal) throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    let added: ValueID
    switch refusal {
    case .constant: added = net.graph.addConstant("k", try numbers([1, 3, 4, 4]))
    case .broadcast: added = net.input("added", [1, 3, 1, 1])
    case .itself: added = c
    case .readTwice, .output: added = net.input("added", [1, 3, 4, 4])
    }
    net.graph.markOutput(try net.add(Add(), c, added, named: "sum"), named: "y")
    if refusal == .readTwice { net.graph.markOutput(try net.add(Exp(), c, named: "reader")) }
    if refusal == .output { net.graph.markOutput(c) }
    try expectNothingToDo(Self.fusion, net.graph)
  }

  @Test func refusesASumOfAnotherExtent() throws {
    var net = Network()
    let x = net.input("x", [1, 2, .symbol("H"), 4])
    let r = net.input("added", [1, 3, .symbol("K"), 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    net.graph.markOutput(try net.add(Add(), c, r, named: "sum"), named: "y")
    try expectNothingToDo(RewritePass(FuseConvolutionSum()), net.graph)
  }
}
