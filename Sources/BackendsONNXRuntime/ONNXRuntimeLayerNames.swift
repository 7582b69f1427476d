import Graphs

/// Finds what in the source a layer of ONNX Runtime stands for. The library names fused and
/// rewritten nodes after one of the nodes they replace, with something added on either side.
struct ONNXRuntimeLayerNames: Sendable {
  private let provenances: [String: Provenance]

  init(_ nodes: [Node] = []) {
    provenances = Dictionary(nodes.map { ($0.name, $0.provenance) }) { first, _ in first }
  }

  /// The provenance of the longest node name that `layer` contains.
  func provenance(of layer: String) -> Provenance {
    if let exact = provenances[layer] { return exact }
    let best = provenances.keys.filter { !$0.isEmpty && layer.contains($0) }
      .max { ($0.utf8.count, $1) < ($1.utf8.count, $0) }
    return best.flatMap { provenances[$0] } ?? Provenance(nodes: [layer])
  }
}
