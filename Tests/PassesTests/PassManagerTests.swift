import Diagnostics
import Graphs
import Passes
import Tensors
import Testing

@Suite struct PassManagerTests {
  private func network() throws -> Graph {
    var net = Network()
    var x = net.input("x", [1, 3])
    for name in ["a", "b", "c"] { x = try net.add(Identity(), net.add(Relu(), x), named: name) }
    net.graph.markOutput(x, named: "y")
    return net.graph
  }

  @Test func recordsWhatWasDone() throws {
    let outcome = try PassManager([RewritePass(RemoveIdentities())]).run(on: network())
    #expect(outcome.records.map(\.number) == [1, 2, 3])
    let first = try #require(outcome.records.first)
    #expect(first.pass == "remove-identities")
    #expect(first.rule == "remove-identities")
    #expect(first.removedNodes == ["a"])
    #expect(first.addedNodes.isEmpty)
    #expect(first.modules == ["model.a"])
    #expect(first.before == ["a = Identity(n1)"])
    let summary = try #require(outcome.passes.first)
    #expect(summary.nodeCountBefore == 6)
    #expect(summary.nodeCountAfter == 3)
    #expect(summary.patchCount == 3)
  }

  @Test func leavesOutDisabledPassesAndRules() throws {
    let passes = [RewritePass("tidy", [RemoveIdentities()])]
    for name in ["tidy", "remove-identities"] {
      let outcome = try PassManager(passes, disabled: [name]).run(on: network())
      #expect(outcome.records.isEmpty)
      #expect(outcome.passes.first?.isDisabled == (name == "tidy"))
    }
  }

  @Test func stopsAtThePatchLimit() throws {
    let outcome = try PassManager(PassCatalog.export.passes, patchLimit: 2).run(on: network())
    #expect(outcome.records.count == 2)
    #expect(outcome.graph.nodeCount == 4)
  }

  private struct Endless: RewriteRule {
    let name = "endless"
    func rewrite(_ node: Node, in graph: Graph) -> Patch? {
      var patch = Patch("again")
      let new = patch.node(
        Relu(),
        node.inputs.map { $0.map { .existing($0) } },
        name: node.name,
        standingFor: [node]
      )
      patch.replace(node.outputs[0], with: new)
      patch.remove(node)
      return patch
    }
  }

  @Test func noticesRulesThatDoNotSettle() throws {
    let error = #expect(throws: DeployError.self) {
      try PassManager([RewritePass(Endless())]).run(on: network())
    }
    #expect(error?.chain.map(\.id) == [.passFailed, .passDoesNotSettle])
  }

  private struct Breaking: Pass {
    let name = "break-output"
    func run(on editor: inout GraphEditor) throws {
      let output = editor.graph.outputs[0]
      var patch = Patch("cast")
      let cast = patch.node(Cast(to: .float16), [.existing(output)], name: "half", standingFor: [])
      let back = patch.node(Cast(to: .float32), [cast], name: "single", standingFor: [])
      patch.replace(output, with: back)
      try editor.apply(patch)
      guard let half = editor.graph.value(named: "half") else { return }
      try editor.returnInstead(editor.graph.outputs[0], half.id, reason: "wrong")
    }
  }

  @Test func noticesPassesThatChangeTheInterface() throws {
    let error = #expect(throws: DeployError.self) {
      try PassManager([Breaking()]).run(on: network())
    }
    #expect(error?.id == .passBrokeGraph)
  }

  @Test func namesAreUnique() {
    for catalog in [PassCatalog.export, .optimize] {
      #expect(Set(catalog.names).count == catalog.names.count)
      for name in catalog.names { #expect(catalog[name]?.name == name) }
    }
  }
}
