import Diagnostics
import Graphs
import Tensors
import Testing

@testable import BackendsTensorRT

@Suite("The smallest part that fails")
struct FailingPartTests {
  /// A chain of forty nodes `n0`, `n1`, ….
  private func chain() throws -> Graph {
    var graph = Graph(name: "chain")
    var value = graph.addInput("x", TensorType(.float32, [2] as Shape))
    for index in 0..<40 { value = try graph.add(Relu(), [value], name: "n\(index)")[0] }
    graph.markOutput(value, named: "y")
    return graph
  }

  /// Fails where all of these nodes are there.
  private func failing(_ names: String...) -> (Graph) -> Bool {
    { part in names.allSatisfy { name in part.nodes.contains { $0.name == name } } }
  }

  @Test(
    "It is found by halving, with one node or several",
    arguments: [(17, 17), (12, 15), (0, 39)]
  )
  func halving(_ ends: (first: Int, last: Int)) throws {
    let part = try #require(
      FailingPart.find(
        in: try chain(),
        startingWith: nil,
        fails: failing("n\(ends.first)", "n\(ends.last)")
      )
    )
    #expect(part.graph.nodes.map(\.name) == (ends.first...ends.last).map { "n\($0)" })
    #expect(part.attempts <= 14)
    #expect(part.isSmallest)
  }

  @Test("A suspect that fails alone is enough; one that does not is only a hint")
  func suspects() throws {
    let graph = try chain()
    let alone = FailingPart.find(in: graph, startingWith: "n5", fails: failing("n5"))
    #expect(alone?.attempts == 1)
    #expect(alone?.note.message.contains("this node: Relu 'n5'") == true)
    let other = FailingPart.find(in: graph, startingWith: "n5", fails: failing("n6"))
    #expect(other?.graph.nodes.map(\.name) == ["n6"])
  }

  @Test("What no part shows is not blamed on one, and a search cut short says so")
  func limits() throws {
    let graph = try chain()
    #expect(FailingPart.find(in: graph, startingWith: nil) { _ in false } == nil)
    let part = FailingPart.find(
      in: graph,
      startingWith: nil,
      attemptLimit: 4,
      fails: failing("n17")
    )
    #expect(part?.isSmallest == false)
    #expect(part?.graph.nodes.contains { $0.name == "n17" } == true)
    #expect(FailingPart.find(in: graph, startingWith: nil, seconds: 0) { _ in true } == nil)
  }
}
