import Formats
import Graphs
import Tensors

/// One row of the table of layers.
public struct LayerSummary: Sendable, Codable {
  /// Its place in the list of layers.
  public let index: Int
  /// The layers that it reads: relative to itself where negative.
  public let from: [Int]
  /// Where it is in the checkpoint: `model.24`.
  public let path: String
  /// The class as pickled.
  public let className: String
  /// What it was made with, read back from its tensors and attributes.
  public let arguments: String
  /// Trained numbers in it.
  public let parameterCount: Int
  /// Operations for one image, in 10⁹.
  public let gigaFLOPs: Double
  /// The extents of its (first) output, one image.
  public let outputShape: [Int]

  init(_ layer: NetworkRecord.Layer, at index: Int, _ output: ValueID?, _ graph: Graph) {
    self.index = index
    from = layer.from
    path = layer.module.path
    className = layer.module.record.className
    arguments = LayerArguments.text(of: layer.module)
    parameterCount = Self.parameterCount(layer.module.record, depth: 0)
    let (own, prefix) = (layer.module.path, layer.module.path + ".")
    let work = graph.nodes.filter { node in
      node.provenance.modules.contains { $0 == own || $0.hasPrefix(prefix) }
    }
    gigaFLOPs = graph.gigaFLOPs(of: work)
    outputShape = output.flatMap { graph[$0].type.shape?.dimensions } ?? []
  }

  private static func parameterCount(_ module: ModuleRecord, depth: Int) -> Int {
    guard depth < 48 else { return 0 }
    let own = module.parameters.values.reduce(0) { $0 + $1.shape.count }
    return module.children.reduce(own) { $0 + parameterCount($1.module, depth: depth + 1) }
  }
}
