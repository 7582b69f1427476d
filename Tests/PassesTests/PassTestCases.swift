import Graphs
import Passes
import Tensors
import Testing

/// Golden texts and refusals of the small passes.
@Suite struct PassTestCases {
  private func golden(_ pass: any Pass, _ net: Network, _ name: String) throws -> Graph {
    let outcome = try PassManager([pass]).run(on: net.graph)
    expectGolden("\(net.graph)->\n\(outcome.graph)", name)
    let again = try PassManager([pass]).run(on: outcome.graph)
    #expect(again.records.isEmpty)
    return outcome.graph
  }

  @Test(arguments: [true, false]) func fusesSiLUInEitherOrder(_ gateFirst: Bool) throws {
    var net = Network()
    let x = net.input("x", [1, 2])
    let gate = try net.add(Sigmoid(), x, named: "gate")
    let y = try net.add(Mul(), gateFirst ? gate : x, gateFirst ? x : gate, named: "y")
    net.graph.markOutput(y)
    let graph = try golden(
      RewritePass(FuseSiLU()),
      net,
      "fuse-silu-\(gateFirst ? "gate-first" : "gate-last")"
    )
    #expect(graph.operatorNames == ["SiLU"])
    #expect(graph.nodes.first?.provenance.modules == ["model.gate", "model.y"])
  }

  @Test func refusesASigmoidThatIsUsedTwice() throws {
    var net = Network()
    let x = net.input("x", [1, 2])
    let gate = try net.add(Sigmoid(), x, named: "gate")
    net.graph.markOutput(try net.add(Mul(), x, gate))
    net.graph.markOutput(try net.add(Relu(), gate))
    try expectNothingToDo(RewritePass(FuseSiLU()), net.graph)
  }

  @Test func refusesASigmoidOfSomethingElse() throws {
    var net = Network()
    let x = net.input("x", [1, 2])
    let other = net.input("other", [1, 2])
    net.graph.markOutput(try net.add(Mul(), x, net.add(Sigmoid(), other)))
    try expectNothingToDo(RewritePass(FuseSiLU()), net.graph)
  }

  @Test func fusesHardSwishOfTheRightSlopeOnly() throws {
    for (alpha, fuses) in [(Float(1) / 6, true), (Float(0.2), false)] {
      var net = Network()
      let x = net.input("x", [1, 2])
      let gate = try net.add(HardSigmoid(alpha: alpha, beta: 0.5), x)
      net.graph.markOutput(try net.add(Mul(), x, gate))
      let graph = try PassManager([RewritePass(FuseHardSwish())]).run(on: net.graph).graph
      #expect(graph.operatorNames == (fuses ? ["HardSwish"] : ["HardSigmoid", "Mul"]))
    }
  }

  @Test func foldsConstantsAndShapeChains() throws {
    var net = Network()
    let x = net.input("x", [2, 3, 4])
    let shape = try net.add(ShapeOf(), x, named: "shape")
    let last = try net.add(Gather(axis: 0), shape, net.constant("two", [2]), named: "last")
    let target = try net.add(Concat(axis: 0), net.constant("minus", [-1]), last, named: "target")
    net.graph.markOutput(try net.add(Reshape(), x, target, named: "y"))
    let pass = RewritePass("fold-constants", [FoldShapes(), FoldConstants()])
    let graph = try golden(pass, net, "fold-constants-shape-chain")
    #expect(graph.operatorNames == ["Reshape"])
    #expect(graph[graph.outputs[0]].type == TensorType(.float32, [6, 4] as Shape))
  }

  @Test func foldsTheKnownPartOfAShape() throws {
    var net = Network()
    let x = net.input("x", [.symbol("batch"), 3, 4])
    let shape = try net.add(ShapeOf(), x)
    let batch = try net.add(Gather(axis: 0), shape, net.constant("zero", [0]), named: "batch")
    let last = try net.add(Gather(axis: 0), shape, net.constant("two", [2]), named: "last")
    let target = try net.add(Concat(axis: 0), batch, net.constant("minus", [-1]), last)
    net.graph.markOutput(try net.add(Reshape(), x, target, named: "y"))
    let pass = RewritePass("fold-constants", [FoldShapes(), FoldConstants()])
    let graph = try golden(pass, net, "fold-constants-partial-shape")
    #expect(graph.operatorNames == ["Shape", "Gather", "Concat", "Reshape"])
    let specialized = try graph.specialized(["batch": 5])
    let bound = try PassManager([pass]).run(on: specialized).graph
    #expect(bound.operatorNames == ["Reshape"])
  }

  @Test func refusesToFoldLargeResults() throws {
    var net = Network()
    let one = try net.constant("one", [1], [1])
    let big = try net.add(Expand(), one, net.constant("shape", [1024, 1024]))
    let x = net.input("x", [1024, 1024])
    net.graph.markOutput(try net.add(Mul(), x, big))
    try expectNothingToDo(RewritePass(FoldConstants(byteLimit: 1 << 20)), net.graph)
  }

  @Test func removesIdentities() throws {
    var net = Network()
    var x = net.input("x", [2, 3])
    x = try net.add(Relu(), x, named: "first")
    x = try net.add(Identity(), x, named: "identity")
    x = try net.add(Cast(to: .float32), x, named: "cast")
    x = try net.add(Reshape(), x, net.constant("same", [2, 3]), named: "reshape")
    x = try net.add(Transpose(permutation: [0, 1]), x, named: "transpose")
    x = try net.add(Concat(axis: 1), x, named: "concat")
    x = try net.add(Mul(), x, net.constant("one", [1], [1]), named: "mul")
    x = try net.add(Add(), net.constant("zero", [0, 0, 0], [3]), x, named: "add")
    x = try net.add(Sub(), x, net.constant("nothing", [0], []), named: "sub")
    net.graph.markOutput(try net.add(Relu(), x, named: "last"))
    let graph = try golden(RewritePass(RemoveIdentities()), net, "remove-identities")
    #expect(graph.operatorNames == ["Relu", "Relu"])
  }

  @Test func keepsWhatOnlyLooksLikeAnIdentity() throws {
    var net = Network()
    let x = net.input("x", [1, 3])
    let y = try net.add(Mul(), x, net.constant("ones", [1, 1], [2, 1]))
    let z = try net.add(Sub(), net.constant("zero", [0], [1]), x)
    let t = try net.add(Transpose(permutation: [1, 0]), x)
    let half = try net.add(Cast(to: .float16), x)
    for value in [y, z, t, half] { net.graph.markOutput(value) }
    try expectNothingToDo(RewritePass(RemoveIdentities()), net.graph)
  }

  @Test func keepsTheIdentityBetweenAnInputAndAnOutput() throws {
    var net = Network()
    let x = net.input("x", [1, 3])
    net.graph.markOutput(try net.add(Identity(), x, named: "y"))
    try expectNothingToDo(RewritePass(RemoveIdentities()), net.graph)
  }

  @Test func mergesEqualNodes() throws {
    var net = Network()
    let x = net.input("x", [1, 3])
    let a = try net.add(Mul(), x, net.constant("two", [2], [1]), named: "a")
    let b = try net.add(Mul(), x, net.constant("also-two", [2], [1]), named: "b")
    let c = try net.add(Mul(), x, net.constant("three", [3], [1]), named: "c")
    let sum = try net.add(Add(), a, b, named: "sum")
    let again = try net.add(Add(), b, a, named: "again")
    net.graph.markOutput(try net.add(Concat(axis: 1), sum, again, c, named: "y"))
    let graph = try golden(EliminateCommonSubexpressions(), net, "eliminate-common-subexpressions")
    #expect(graph.operatorNames == ["Mul", "Mul", "Add", "Concat"])
  }

  @Test func keepsTwoEqualOutputs() throws {
    var net = Network()
    let x = net.input("x", [1, 3])
    net.graph.markOutput(try net.add(Relu(), x, named: "a"))
    net.graph.markOutput(try net.add(Relu(), x, named: "b"))
    try expectNothingToDo(EliminateCommonSubexpressions(), net.graph)
  }

  @Test func removesDeadCode() throws {
    var net = Network()
    let x = net.input("x", [1, 3])
    let dead = try net.add(Exp(), x, named: "dead")
    _ = try net.add(Add(), dead, net.constant("unused", [1], [1]), named: "deader")
    net.graph.markOutput(try net.add(Relu(), x, named: "y"))
    let graph = try golden(RemoveDeadCode(), net, "remove-dead-code")
    #expect(graph.operatorNames == ["Relu"])
    #expect(graph.constants.isEmpty)
  }

  @Test func foldsChannelScales() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 4, 4])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    let scaled = try net.add(Mul(), c, net.constant("s", [2, 3, 4], [1, 3, 1, 1]), named: "mul")
    let t = try net.constant("t", [0.5, -1, 2], [3, 1, 1])
    net.graph.markOutput(try net.add(Add(), t, scaled, named: "add"))
    let graph = try golden(RewritePass(FoldChannelScale()), net, "fold-channel-scale")
    #expect(graph.operatorNames == ["Conv"])
    let inputs = ["x": try numbers([1, 2, 4, 4])]
    #expect(try difference(graph.evaluated(inputs), net.graph.evaluated(inputs)) == nil)
  }

  @Test func refusesScalesAlongOtherAxes() throws {
    var net = Network()
    let x = net.input("x", [1, 2, 3, 3])
    let c = try net.convolution(x, 2, to: 3, named: "conv")
    net.graph.markOutput(try net.add(Mul(), c, net.constant("s", [2, 3, 4], [1, 1, 3, 1])))
    try expectNothingToDo(RewritePass(FoldChannelScale()), net.graph)
  }
}
