import Formats
import Graphs
import Metrics
import Reports
import Tensors

/// The checkpoint's modules that nodes of the graph stand for, in the order of their first node.
struct ModuleStage {
  private(set) var stage: StructureRecord.Stage
  /// To the nodes of the next stage, which is the imported graph.
  private(set) var links: [StructureRecord.Link] = []

  init(_ graph: Graph, _ checkpoint: Checkpoint?, _ profile: LayerProfile?) {
    var places: [String: Int] = [:]
    var nodes: [StructureRecord.Node] = []
    let graphNodes = graph.nodes
    for (index, node) in graphNodes.enumerated() {
      for path in node.provenance.modules {
        let place: Int
        if let known = places[path] {
          place = known
        } else {
          place = nodes.count
          places[path] = place
          nodes.append(Self.node(path, checkpoint))
        }
        links.append(StructureRecord.Link(stage: 0, from: place, to: index))
        Self.add(graph.cost(of: node), node, graph, to: &nodes[place])
      }
    }
    let stage = StructureBuilder.stage(graph, .onnx, name: "")
    let owners = graphNodes.map { $0.provenance.modules.first.flatMap { places[$0] } }
    let edges = Self.edges(stage, owners)
    let times = profile?.modules(depth: nil) ?? []
    for time in times where time.milliseconds > 0 {
      if let place = places[time.module] { nodes[place].milliseconds = time.milliseconds }
    }
    self.stage = StructureRecord.Stage(
      .modules,
      name: checkpoint.map { String($0.path.split(separator: "/").last ?? "") } ?? graph.name,
      nodes: nodes,
      edges: edges
    )
  }

  private static func node(_ path: String, _ checkpoint: Checkpoint?) -> StructureRecord.Node {
    var module = checkpoint?.model
    for part in path.split(separator: ".") {
      module = module?.children.first { $0.name == part }?.module
    }
    let name = module?.className.split(separator: ".").last.map(String.init)
    return StructureRecord.Node(name: path, operatorName: name ?? path, modules: [path])
  }

  /// A module's own work is that of its nodes; its output is that of its last node.
  private static func add(
    _ cost: Cost,
    _ node: Node,
    _ graph: Graph,
    to module: inout StructureRecord.Node
  ) {
    let parts = Double(max(1, node.provenance.modules.count))
    module.operations = (module.operations ?? 0) + 2 * Double(cost.multiplyAdds) / parts
    let bytes = (Double(cost.bytesRead) + Double(cost.bytesWritten)) / parts
    module.byteCount = (module.byteCount ?? 0) + bytes
    module.weightByteCount =
      (module.weightByteCount ?? 0) + StructureRecord.Node.weightBytes(node, in: graph) / parts
    guard let output = node.outputs.first else { return }
    module.output = "\(graph[output].type)"
    module.precision = graph[output].type.scalarType.rawValue
  }

  /// Edges between modules: those of the graph, with nodes of no module passed through.
  private static func edges(_ stage: StructureRecord.Stage, _ owners: [Int?]) -> [[Int]] {
    var reach = owners.map { $0.map { [$0] } ?? [] }
    var edges: Set<[Int]> = []
    for edge in stage.edges {
      if let owner = owners[edge[1]] {
        for from in reach[edge[0]] where from != owner { edges.insert([from, owner]) }
      } else {
        reach[edge[1]] = Set(reach[edge[1]] + reach[edge[0]]).sorted()
      }
    }
    return edges.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
  }
}
