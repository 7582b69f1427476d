import Graphs

/// A graph as it is.
struct ReferencePlan: Plan {
  let info: PlanInfo
  let graph: Graph
  let tapped: Set<String>

  init(_ graph: Graph, tapped: Set<String>) {
    self.graph = graph
    self.tapped = tapped
    let binding = { (id: ValueID) in Binding(name: graph[id].name, type: graph[id].type) }
    info = PlanInfo(
      backend: ReferenceBackend.name,
      inputs: graph.inputs.map(binding),
      outputs: graph.outputs.map(binding),
      layers: graph.nodes.map(Self.layer),
      contract: graph.contract
    )
  }

  func makeSession() throws -> sending any Session { ReferenceSession(self) }

  static func layer(_ node: Node) -> LayerInfo {
    LayerInfo(name: node.name, tactic: type(of: node.op).name, provenance: node.provenance)
  }
}
