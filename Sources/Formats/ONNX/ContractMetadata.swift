import FoundationEssentials
import Graphs

/// The contract between its file form (metadata) and ``ModelContract``.
///
/// Our own key `vitrine.contract` holds all of it as JSON. The original exporter's keys
/// `stride` and `names` are written too, and read where ours is missing.
/// Source: YOLOv5, export.py, metadata of `export_onnx`.
enum ContractMetadata {
  static let key = "vitrine.contract"

  static func contract(from metadata: [String: String], graph: Graph) -> ModelContract? {
    if let text = metadata[key],
      let contract = try? JSONDecoder().decode(ModelContract.self, from: Data(text.utf8)),
      contract.isSound
    {
      return contract
    }
    return ContractInference(metadata: metadata, graph: graph).contract()
  }

  static func withoutContract(_ metadata: [String: String]) -> [String: String] {
    metadata.filter { $0.key != key }
  }

  /// The metadata of a written file, by key.
  static func entries(of graph: Graph) throws -> [(key: String, value: String)] {
    var metadata = graph.metadata
    if let contract = graph.contract {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      metadata[key] = String(decoding: try encoder.encode(contract), as: UTF8.self)
      metadata["stride"] = "\(contract.stride)"
      metadata["names"] = PythonLiteral.dictionary(of: contract.classNames)
    }
    return metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
