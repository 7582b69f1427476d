import Graphs
import Tensors
import Testing

@Suite struct GraphPartTests {
  /// x → a → b → d = b + a, with a constant added at b.
  private func diamond() throws -> Graph {
    var graph = Graph(name: "diamond")
    let x = graph.addInput("x", TensorType(.float32, [2] as Shape))
    let one = graph.addConstant("one", try Tensor([1, 1] as [Float], shape: [2]))
    let a = try graph.add(Relu(), [x], name: "a", provenance: Provenance(modules: ["model.0"]))[0]
    let b = try graph.add(Add(), [a, one], name: "b")[0]
    let d = try graph.add(Add(), [b, a], name: "d")[0]
    graph.markOutput(d, named: "y")
    return graph
  }

  @Test func theWholeIsItself() throws {
    let graph = try diamond()
    let part = try graph.part(0..<3)
    try part.verify()
    #expect(part.description == graph.description)
  }

  @Test func whatOthersReadIsAnOutputAndWhatOthersWriteAnInput() throws {
    let graph = try diamond()
    let start = try graph.part(0..<2)
    try start.verify()
    #expect(start.inputs.map { start[$0].name } == ["x"])
    #expect(start.outputs.map { start[$0].name } == ["a", "b"])
    let end = try graph.part(1..<3)
    try end.verify()
    #expect(end.inputs.map { end[$0].name } == ["a"])
    #expect(end.outputs.map { end[$0].name } == ["y"])
    #expect(end.constants.map(\.name) == ["one"])
    #expect(start.nodes[0].provenance.modules == ["model.0"])
  }

  @Test func partsInSequenceComputeWhatTheWholeDoes() throws {
    let graph = try diamond()
    let input = try Tensor([-1, 3] as [Float], shape: [2])
    let whole = try graph.evaluate(inputs: ["x": input])
    let values = try graph.part(0..<2).evaluate(inputs: ["x": input])
    let rest = try graph.part(2..<3).evaluate(inputs: values)
    #expect(rest["y"] == whole["y"])
  }
}
