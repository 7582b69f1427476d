import Graphs

/// Which modules of the checkpoint a node of a file stands for.
enum NodeProvenance {
  private static let prefix = "modules: "

  /// What our own writer noted, or what the node's name tells: PyTorch names nodes by their
  /// scope, such as `/model.24/m.1/Conv`.
  static func provenance(of node: Onnx_NodeProto, named name: String) -> Provenance {
    if node.docString.hasPrefix(prefix) {
      let list = node.docString.dropFirst(prefix.count).split(separator: " ").map(String.init)
      return Provenance(modules: list, nodes: [name])
    }
    let scopes = node.name.split(separator: "/").dropLast().map(String.init)
    guard node.name.hasPrefix("/"), !scopes.isEmpty else { return Provenance(nodes: [name]) }
    return Provenance(modules: [scopes.joined(separator: ".")], nodes: [name])
  }

  /// The note that a written node carries; empty where nothing is known.
  static func note(_ provenance: Provenance) -> String {
    provenance.modules.isEmpty ? "" : prefix + provenance.modules.joined(separator: " ")
  }
}
