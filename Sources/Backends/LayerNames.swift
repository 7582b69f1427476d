public import Graphs

/// Finds what in the source a layer of an engine stands for. Engines name fused and rewritten
/// layers after one of the nodes that they replace, with something added on either side.
public struct LayerNames: Sendable {
  private let provenances: [String: Provenance]

  /// Prepares for the layers of a graph's plan.
  public init(_ nodes: [Node] = []) {
    provenances = Dictionary(nodes.map { ($0.name, $0.provenance) }) { first, _ in first }
  }

  /// The provenance of the longest node name that `layer` contains; where there is none, the
  /// layer's own name as a node.
  public func provenance(of layer: String) -> Provenance {
    if let exact = provenances[layer] { return exact }
    let best = provenances.keys.filter { !$0.isEmpty && layer.contains($0) }
      .max { ($0.utf8.count, $1) < ($1.utf8.count, $0) }
    return best.flatMap { provenances[$0] } ?? Provenance(nodes: [layer])
  }
}
