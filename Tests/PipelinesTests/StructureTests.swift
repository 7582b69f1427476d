import Graphs
import Metrics
import Passes
import Tensors
import TestSupport
import Testing

@testable import Pipelines
@testable import Reports

/// The forms of a network, what became of what, and where it is drawn.
@Suite struct StructureTests {
  private static func record(name: String, removed: [String], added: [String]) -> PatchRecord {
    PatchRecord(
      number: 1,
      pass: name,
      rule: name,
      reason: name,
      removedNodes: removed,
      addedNodes: added
    )
  }

  /// images → a → b → c, each a Relu of a module of its own.
  private static func chain(_ names: [String], modules: [[String]] = []) throws -> Graph {
    var graph = Graph(name: "chain")
    var value = graph.addInput("images", TensorType(.float32, [1, 2, 4, 4]))
    for (index, name) in names.enumerated() {
      let paths = modules.isEmpty ? ["model.\(index)"] : modules[index]
      value = try graph.add(
        Relu(),
        [value],
        name: name,
        provenance: Provenance(modules: paths)
      )[0]
    }
    graph.markOutput(value)
    return graph
  }

  @Test func lineageFollowsNodesThroughSeveralEdits() throws {
    let lineage = PatchLineage(
      imported: try Self.chain(["a", "b", "c", "d"]),
      [
        Self.record(name: "1", removed: ["a", "b"], added: ["ab"]),
        Self.record(name: "2", removed: ["ab", "c"], added: ["abc"]),
        Self.record(name: "3", removed: ["d"], added: []),
      ]
    )
    #expect(lineage.sources(of: "abc") == ["a", "b", "c"])
    #expect(lineage.sources(of: "d") == ["d"])
    #expect(lineage.results(of: "a") == ["abc"] && lineage.results(of: "ab") == ["abc"])
    #expect(lineage.results(of: "d") == [])
    #expect(lineage.results(of: "never") == ["never"] && lineage.sources(of: "never") == [])
  }

  @Test func aNodeThatKeepsItsNameIsItsOwnSuccessor() throws {
    let lineage = PatchLineage(
      imported: try Self.chain(["conv", "bn"]),
      [Self.record(name: "fold", removed: ["conv", "bn"], added: ["conv"])]
    )
    #expect(Set(lineage.sources(of: "conv")) == ["conv", "bn"])
    #expect(lineage.results(of: "bn") == ["conv"] && lineage.results(of: "conv") == ["conv"])
  }

  @Test func everyStageIsLinkedToTheNextAndFusedNodesShareAGroup() throws {
    var builder = StructureBuilder(name: "net", imported: try Self.chain(["a", "b", "c"]))
    builder.optimised = try Self.chain(
      ["ab", "c"],
      modules: [["model.0", "model.1"], ["model.2"]]
    )
    builder.records = [Self.record(name: "fuse", removed: ["a", "b"], added: ["ab"])]
    builder.profile = LayerProfile(
      model: "net",
      backend: "engine",
      version: "1",
      source: "",
      layers: [
        LayerMeasurement(name: "all", nodes: ["ab", "c"], milliseconds: 3),
        LayerMeasurement(name: "reorder", milliseconds: 1),
      ]
    )
    let record = builder.record()
    #expect(record.stages.map(\.kind) == [.modules, .onnx, .optimised, .plan])
    #expect(record.stages.map(\.nodes.count) == [3, 3, 2, 2])
    #expect(record.stages[1].edges == [[0, 1], [1, 2]])
    #expect(record.stages[0].edges == [[0, 1], [1, 2]])
    func links(_ stage: Int) -> Set<[Int]> {
      Set(record.links.filter { $0.stage == stage }.map { [$0.from, $0.to] })
    }
    #expect(links(0) == [[0, 0], [1, 1], [2, 2]])
    #expect(links(1) == [[0, 0], [1, 0], [2, 1]])
    #expect(links(2) == [[0, 0], [1, 0]])
    // Everything became the one layer of the plan; the reordering stands alone.
    #expect(Set(record.stages.flatMap { $0.nodes.map(\.group) }) == [0, nil])
    #expect(record.stages[3].nodes[1].group == nil && record.stages[3].nodes[0].milliseconds == 3)
    #expect(record.steps.map(\.sources) == [[0, 1]] && record.steps.map(\.results) == [[0]])
    var report = Report(command: "", date: "", subject: .nothing, environment: [:])
    report.structure = record
    try report.checkReferences()
  }

  @Test func costsAreThoseOfTheGraph() throws {
    let graph = try Self.chain(["a"])
    let node = try #require(
      StructureBuilder(name: "", imported: graph).record().stages.last?.nodes[0]
    )
    #expect(node.output == "float32[1, 2, 4, 4]" && node.precision == "float32")
    // 32 elements of 4 bytes, read once and written once.
    #expect(node.byteCount == 256 && node.weightByteCount == 0)
  }

  @Test func graphvizIsToldNumbersOnly() throws {
    let names = ["x\"]; node [label=\"evil", "y -> z"]
    let stage = StructureBuilder.stage(try Self.chain(names), .onnx, name: "n")
    let source = GraphvizLayout.source(of: stage)
    #expect(!source.contains("evil") && !source.contains("y ->"))
    #expect(source.contains("n0 -> n1;"))
  }

  @Test func graphvizsPlainFormatIsRead() throws {
    let stage = StructureBuilder.stage(try Self.chain(["a", "b"]), .onnx, name: "n")
    let text = """
      graph 1 2 3
      node n0 1 2.5 1 0.5 "" solid box black lightgrey
      node n1 1 0.5 1 0.5 "" solid box black lightgrey
      edge n0 n1 4 1 2 1 1.5 1 1 1 0.75 solid black
      stop
      """
    let layout = try #require(GraphvizLayout.parse(text, stage))
    #expect(layout.width == 144 && layout.height == 216)
    #expect(layout.nodes == [[72, 36, 72, 36], [72, 180, 72, 36]])
    #expect(layout.edges == [[72, 72, 72, 108, 72, 144, 72, 162]])
    for broken in [
      "", "graph 1 2 3", text.replacing("node n1", with: "node n7"),
      text.replacing("edge n0 n1 4", with: "edge n0 n1 9"),
      text.replacing("n0 n1 4", with: "n0 n1 -1"),
    ] {
      #expect(GraphvizLayout.parse(broken, stage) == nil, "\(broken)")
    }
  }

  @Test func programsGetInputAndAnswerAtLength() {
    let text = String(repeating: "0123456789\n", count: 20_000)
    let whole = ChildProcess.run("cat", [], seconds: 20, input: text, outputLimit: 1 << 20)
    #expect(whole.problem == nil && whole.output == text)
    let start = ChildProcess.run("cat", [], seconds: 20, input: text)
    #expect(start.output.utf8.count == 1 << 16)
    #expect(ChildProcess.run("cat", [], seconds: 20).output.isEmpty)
    #expect(ChildProcess.run("sleep", ["30"], seconds: 1).problem?.contains("longer") == true)
  }
}

extension Subject {
  fileprivate static let nothing = Subject(
    file: "",
    byteCount: 0,
    family: "",
    task: "",
    classNames: [],
    parameterCount: 0,
    gigaOperations: 0,
    inputSize: []
  )
}
