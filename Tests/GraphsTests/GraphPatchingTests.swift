import Diagnostics
import Graphs
import Tensors
import Testing

@Suite struct GraphPatchingTests {
  private let type = TensorType(.float32, [1, 3] as Shape)

  /// x → a → b → c, which is the output y.
  private func chain() throws -> Graph {
    var graph = Graph(name: "chain")
    var value = graph.addInput("x", type)
    for name in ["a", "b", "c"] { value = try graph.add(Relu(), [value], name: name)[0] }
    graph.markOutput(value, named: "y")
    return graph
  }

  private func expect(
    _ id: Diagnostic.ID,
    _ graph: Graph,
    _ patch: Patch,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    var copy = graph
    let error = #expect(throws: DeployError.self, sourceLocation: location) {
      try copy.apply(patch)
    }
    #expect(error?.id == id, sourceLocation: location)
    #expect(copy.description == graph.description, sourceLocation: location)
    #expect(copy.values.map(\.name) == graph.values.map(\.name), sourceLocation: location)
    for value in graph.values {
      let (left, right) = (copy.useCount(of: value.id), graph.useCount(of: value.id))
      #expect(left == right, sourceLocation: location)
    }
    try copy.verify()
  }

  @Test func aCycleChangesNothing() throws {
    let graph = try chain()
    let (a, b) = (graph.nodes[0].outputs[0], graph.nodes[1].outputs[0])
    var patch = Patch("circle")
    let end = graph.nodes[2].outputs[0]
    let new = patch.node(Relu(), [.existing(end)], name: "new", standingFor: [])
    patch.replace(a, with: new)
    try expect(.graphCycle, graph, patch)
    var swap = Patch("swap")
    swap.replace(a, with: .existing(b))
    swap.replace(b, with: .existing(a))
    try expect(.graphCycle, graph, swap)
  }

  @Test func aDanglingValueChangesNothing() throws {
    let graph = try chain()
    for node in graph.nodes {
      var patch = Patch("remove")
      patch.remove(node)
      try expect(.graphDangling, graph, patch)
    }
    let b = graph.nodes[1]
    var patch = Patch("read what goes")
    let new = patch.node(Relu(), [.existing(b.outputs[0])], name: "new", standingFor: [])
    patch.replace(b.outputs[0], with: new)
    patch.remove(b)
    try expect(.graphDangling, graph, patch)
  }

  @Test func aValueThatIsGoneIsRefused() throws {
    var graph = try chain()
    let gone = graph.nodes[1]
    var cut = Patch("cut")
    cut.replace(gone.outputs[0], with: .existing(graph.nodes[0].outputs[0]))
    cut.remove(gone)
    try graph.apply(cut)
    var late = Patch("late")
    late.replace(graph.nodes[0].outputs[0], with: .existing(gone.outputs[0]))
    try expect(.graphDangling, graph, late)
    var reading = Patch("late")
    _ = reading.node(Relu(), [.existing(gone.outputs[0])], name: "new", standingFor: [])
    try expect(.graphDangling, graph, reading)
  }

  @Test func aTypeChangeChangesNothing() throws {
    let graph = try chain()
    let a = graph.nodes[0].outputs[0]
    var patch = Patch("cast")
    _ = patch.constant("unused", Tensor(scalar: Float(1)))
    let cast = patch.node(Cast(to: .float16), [.existing(a)], name: "cast", standingFor: [])
    patch.replace(graph.nodes[1].outputs[0], with: cast)
    patch.remove(graph.nodes[1])
    try expect(.graphTypeChanged, graph, patch)
  }

  @Test func aRefusedOperandChangesNothing() throws {
    let graph = try chain()
    var patch = Patch("wrong")
    let whole = patch.constant("whole", try Tensor([Int64(1)], shape: [1]))
    _ = patch.node(Add(), [.existing(graph.inputs[0]), whole], name: "sum", standingFor: [])
    try expect(.graphInvalidNode, graph, patch)
  }

  @Test func anInsertedNodeReadsWhatItStates() throws {
    var graph = try chain()
    let a = graph.nodes[0].outputs[0]
    var patch = Patch("insert")
    patch.replace(a, with: patch.node(Sigmoid(), [.existing(a)], name: "new", standingFor: []))
    let change = try graph.apply(patch)
    #expect(graph.nodes.map(\.name) == ["a", "new", "b", "c"])
    #expect(change.added.count == 1)
    #expect(graph.nodes[1].inputs == [a])
    try graph.verify()
  }

  @Test func anOutputKeepsItsName() throws {
    var graph = try chain()
    let end = graph.nodes[2]
    var patch = Patch("another end")
    let inputs = end.inputs.map { $0.map { Patch.Value.existing($0) } }
    let new = patch.node(Sigmoid(), inputs, name: "s", standingFor: [end])
    patch.replace(end.outputs[0], with: new)
    patch.remove(end)
    try graph.apply(patch)
    #expect(graph.outputs.map { graph[$0].name } == ["y"])
    #expect(graph.nodes.map(\.name) == ["a", "b", "s"])
    try graph.verify()
  }

  @Test func anInputThatBecomesAnOutputKeepsItsName() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", type)
    let y = try graph.add(Relu(), [x], name: "relu")[0]
    graph.markOutput(y, named: "y")
    var patch = Patch("the input is never negative")
    patch.replace(y, with: .existing(x))
    patch.remove(graph.nodes[0])
    try graph.apply(patch)
    #expect(graph.inputs.map { graph[$0].name } == ["x"])
    #expect(graph.outputs.map { graph[$0].name } == ["y"])
    #expect(graph.nodes.map { Swift.type(of: $0.op).name } == ["Identity"])
    try graph.verify()
  }

  @Test func aConstantThatBecomesAnOutputGetsANode() throws {
    var graph = try chain()
    let end = graph.nodes[2]
    var patch = Patch("known")
    let ones = try Tensor([Float](repeating: 1, count: 3), shape: [1, 3])
    patch.replace(end.outputs[0], with: patch.constant("ones", ones))
    patch.remove(end)
    try graph.apply(patch)
    #expect(graph.outputs.map { graph[$0].name } == ["y"])
    #expect(graph.producer(of: graph.outputs[0]) != nil)
    try graph.verify()
  }

  @Test func oneValueStandsForTwoOutputs() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", type)
    for name in ["p", "q"] { graph.markOutput(try graph.add(Relu(), [x], name: name)[0]) }
    var patch = Patch("equal")
    patch.replace(graph.outputs[1], with: .existing(graph.outputs[0]))
    patch.remove(graph.nodes[1])
    try graph.apply(patch)
    #expect(graph.outputs.map { graph[$0].name } == ["p", "q"])
    #expect(graph.nodes.map { Swift.type(of: $0.op).name } == ["Relu", "Identity"])
    try graph.verify()
  }

  @Test func nodesAreReorderedWhereNeeded() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", type)
    let early = try graph.add(Relu(), [x], name: "early")[0]
    let reader = try graph.add(Sigmoid(), [early], name: "reader")[0]
    let late = try graph.add(Relu(), [x], name: "late")[0]
    graph.markOutput(try graph.add(Add(), [reader, late], name: "sum")[0])
    var patch = Patch("keep the later")
    patch.replace(early, with: .existing(late))
    patch.remove(graph.nodes[0])
    try graph.apply(patch)
    #expect(graph.nodes.map(\.name) == ["late", "reader", "sum"])
    try graph.verify()
  }

  @Test func typesAreInferredAgainDownstream() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.float32, [2, 3] as Shape))
    let shape = try graph.add(ShapeOf(), [x], name: "shape")[0]
    let same = try graph.add(Reshape(), [x, shape], name: "same")[0]
    graph.markOutput(try graph.add(Relu(), [same], name: "y")[0])
    var patch = Patch("known")
    patch.replace(shape, with: patch.constant("s", try Tensor([Int64(3), 2], shape: [2])))
    patch.remove(graph.nodes[0])
    try graph.apply(patch)
    #expect(graph[graph.outputs[0]].type == TensorType(.float32, [3, 2] as Shape))
  }
}
