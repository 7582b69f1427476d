public import Graphs

/// Which nodes of a graph each layer of an engine stands for.
///
/// Engines name a layer after nodes that it replaces, but not after all of them: an activation
/// that was fused into a convolution is often not named at all. So
///
/// 1. each node goes to the layer that names it; where several do (a layer and the reordering of
///    its input), to the one with the shortest name;
/// 2. a node that no layer names goes where its operand was computed, last of several: it was
///    fused into that layer; but where its only reader has a closer name and belongs to a layer
///    that the engine made (a sigmoid beside its product), it goes there;
/// 3. a node before all named ones goes to the first layer that reads it.
///
/// Nodes that compute with nothing but shapes and constants stand for no layer.
public struct LayerAttribution: Sendable {
  /// The nodes of each layer, in graph order, by place in the list of layers.
  public let nodes: [[NodeID]]
  /// What each layer stands for in the checkpoint, by its name where it has no nodes of its own.
  public let provenances: [Provenance]

  /// Attributes.
  /// - Parameters:
  ///   - layers: the names of the layers, in the order in which they run.
  ///   - sources: what else the engine says of each layer's source, in the same order; may be
  ///     shorter, and empty where it says nothing.
  public init(_ graph: Graph, layers: [String], sources: [String] = []) {
    let nodes = graph.nodes
    let names = Dictionary(nodes.map { ($0.name, $0.id) }) { first, _ in first }
    let named = layers.enumerated().map { index, name in
      let source = index < sources.count ? sources[index] : ""
      let found = source.isEmpty ? [] : Self.nodes(named: source, names)
      return found.isEmpty ? Self.nodes(named: name, names) : found
    }
    var owner: [NodeID: Int] = [:]
    for (layer, ids) in named.enumerated() {
      for id in ids {
        if let other = owner[id], layers[other].utf8.count <= layers[layer].utf8.count { continue }
        owner[id] = layer
      }
    }
    let data = Self.dataNodes(graph)
    Self.followOperands(graph, nodes, data, layers, &owner)
    Self.followReaders(graph, nodes, data, &owner)
    var groups = [[NodeID]](repeating: [], count: layers.count)
    for node in nodes { if let layer = owner[node.id] { groups[layer].append(node.id) } }
    self.nodes = groups
    provenances = zip(groups, named).map { group, named in
      Provenance(merging: (group.isEmpty ? named : group).compactMap { graph[$0]?.provenance })
    }
  }

  /// The nodes that a layer's text names: each that stands in it between separators; failing
  /// that, the longest name that it contains.
  private static func nodes(named text: String, _ names: [String: NodeID]) -> [NodeID] {
    if let exact = names[text] { return [exact] }
    var found: [NodeID] = []
    for token in text.split(whereSeparator: { separators.contains($0) }) {
      if let id = names[String(token)], !found.contains(id) { found.append(id) }
    }
    if !found.isEmpty { return found }
    let longest = names.keys.filter { !$0.isEmpty && text.contains($0) }
      .max { ($0.utf8.count, $1) < ($1.utf8.count, $0) }
    return longest.flatMap { names[$0] }.map { [$0] } ?? []
  }

  /// What stands between names in fused layers and in TensorRT's metadata.
  private static let separators: Set<Character> = [
    " ", "+", ",", "(", ")", "[", "]", "{", "}", "|", "\u{1E}", "\u{1F}", "\n",
  ]

  /// The nodes that depend on the contents of an input, not only on its shape.
  private static func dataNodes(_ graph: Graph) -> Set<NodeID> {
    var values = Set(graph.inputs)
    var result: Set<NodeID> = []
    for node in graph.nodes where !["Shape", "Size"].contains(type(of: node.op).name) {
      guard node.inputs.contains(where: { $0.map(values.contains) ?? false }) else { continue }
      values.formUnion(node.outputs)
      result.insert(node.id)
    }
    return result
  }

  private static func followOperands(
    _ graph: Graph,
    _ nodes: [Node],
    _ data: Set<NodeID>,
    _ layers: [String],
    _ owner: inout [NodeID: Int]
  ) {
    for node in nodes where owner[node.id] == nil && data.contains(node.id) {
      let producers = node.inputs.compactMap { $0.flatMap { graph.producer(of: $0) } }
      let last = producers.filter { owner[$0.id] != nil }
        .max { (owner[$0.id] ?? 0) < (owner[$1.id] ?? 0) }
      let readers = node.outputs.flatMap { graph.consumers(of: $0) }
      if readers.count == 1, let reader = readers.first, let place = owner[reader.id],
        layers[place] != reader.name,
        shared(node.name, reader.name) > shared(node.name, last?.name ?? "")
      {
        owner[node.id] = place
      } else if let last {
        owner[node.id] = owner[last.id]
      }
    }
  }

  /// How many characters two names begin with alike.
  private static func shared(_ left: String, _ right: String) -> Int {
    zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
  }

  private static func followReaders(
    _ graph: Graph,
    _ nodes: [Node],
    _ data: Set<NodeID>,
    _ owner: inout [NodeID: Int]
  ) {
    for node in nodes.reversed() where owner[node.id] == nil && data.contains(node.id) {
      let readers = node.outputs.flatMap { graph.consumers(of: $0) }
      owner[node.id] = readers.compactMap { owner[$0.id] }.min()
    }
  }
}
