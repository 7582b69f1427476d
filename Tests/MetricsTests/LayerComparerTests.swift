import Graphs
import Metrics
import Tensors
import Testing

@Suite struct LayerComparerTests {
  private func graph() throws -> Graph {
    var graph = Graph(name: "g")
    var value = graph.addInput("x", TensorType(.float32, [2] as Shape))
    for (index, name) in ["a", "b", "c"].enumerated() {
      value = try graph.add(
        Relu(),
        [value],
        name: name,
        provenance: Provenance(modules: ["model.\(index).act"])
      )[0]
    }
    graph.markOutput(value)
    return graph
  }

  @Test func namesTheFirstModuleInGraphOrder() throws {
    var comparer = try LayerComparer(graph())
    let (good, bad) = (
      try Tensor([Float(1), 2], shape: [2]), try Tensor([Float(1), 3], shape: [2])
    )
    try comparer.add("c", bad, expected: good)
    try comparer.add("b", bad, expected: good)
    try comparer.add("a", good, expected: good)
    try comparer.add("unknown", bad, expected: good)
    let divergence = comparer.divergence
    #expect(divergence.layers.map(\.value) == ["a", "b", "c"])
    #expect(divergence.first?.place == "model.1.act")
    #expect(divergence.lastAgreeing?.place == "model.0.act")
    #expect(!divergence.passes)
    #expect(divergence.words.hasPrefix("first difference at model.1.act (Relu): largest error 1"))
  }

  @Test func agreesWhereAllValuesDo() throws {
    var comparer = try LayerComparer(graph())
    let good = try Tensor([Float(1), 2], shape: [2])
    for name in ["a", "b", "c"] { try comparer.add(name, good, expected: good) }
    #expect(comparer.divergence.passes)
    #expect(comparer.divergence.words == "all 3 compared values agree")
  }
}
