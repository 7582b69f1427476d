public import Diagnostics
public import Formats
public import Graphs

/// What a checkpoint holds, for people: the network's kind, classes, anchors, size and layers.
public struct ModelSummary: Sendable, Codable {
  /// Such as `YOLOv5n v7.0`, guessed from marks in the file.
  public let family: String
  /// The release that wrote it, such as `v6.0`, where the marks tell.
  public let era: String?
  /// n, s, m, l or x, where width and depth are those of an official network.
  public let size: String?
  /// What the network answers.
  public let task: ModelContract.Task
  /// Class names by class index.
  public let classNames: [String]
  /// Strides and anchors in input pixels, the finest level first.
  public let levels: [ModelContract.Level]
  /// Mask coefficients per box (segmentation), otherwise 0.
  public let maskCount: Int
  /// Trained numbers, without the statistics of batch normalisation.
  public let parameterCount: Int
  /// The input height and width in pixels that ``gigaFLOPs`` and the layers' shapes hold for.
  public let imageSize: [Int]
  /// Operations of one image, in 10⁹, a multiplication and an addition counted as two.
  public let gigaFLOPs: Double
  /// The layers in order.
  public let layers: [LayerSummary]
  /// What the importer wants to tell.
  public let diagnostics: [Diagnostic]

  /// Imports a checkpoint at a fixed size, [H, W], and sums it up.
  /// - Throws: what ``ModelImporter/graph(from:options:)`` throws.
  public init(_ checkpoint: Checkpoint, imageSize: [Int]? = nil) throws {
    do {
      try self.init(NetworkRecord(checkpoint), checkpoint, imageSize)
    } catch let error as DeployError { throw error.inFile(checkpoint.path) }
  }

  private init(
    _ network: NetworkRecord,
    _ checkpoint: Checkpoint,
    _ imageSize: [Int]?
  ) throws {
    var options = ImportOptions()
    options.imageSize = imageSize
    let work = try NetworkImport(network, checkpoint, options)
    let result = try work.run()
    let contract = result.model.contract
    let graph = result.model.graph
    family = contract.family
    era = work.identity.era
    size = work.identity.size
    task = contract.task
    classNames = contract.classNames
    levels = contract.levels
    maskCount = contract.maskCount
    self.imageSize = contract.inputSize
    gigaFLOPs = graph.gigaFLOPs(of: graph.nodes)
    layers = network.layers.enumerated().map { index, layer in
      let outputs = result.layerOutputs
      let value = outputs.indices.contains(index) ? outputs[index] : graph.outputs.first
      return LayerSummary(layer, at: index, value, graph)
    }
    parameterCount = layers.reduce(0) { $0 + $1.parameterCount }
    diagnostics = result.model.diagnostics
  }
}
