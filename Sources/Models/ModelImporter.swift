import Diagnostics
public import Formats
import Tensors

/// Turns a checkpoint into a graph by reading the module tree that it holds; the configuration
/// (yaml) beside it is not used, because it is often stale.
public struct ModelImporter: Sendable {
  /// Creates an importer of YOLOv5 v3 to v7 networks.
  public init() {}

  /// The network as a graph: input `images` [N, 3, H, W], outputs `output0` and so on, laid out
  /// as YOLOv5's own export does for the decoded form.
  /// - Throws: `model.architecture-unknown`, `model.not-yolov5`, `model.unsupported-module`,
  ///   `model.unsupported-variant`, `model.incomplete-module`, `model.too-large`,
  ///   `model.invalid-image-size`, `model.invalid-batch`, `model.unsupported-head`,
  ///   `model.invalid-threshold`, `model.class-names`.
  public func graph(
    from checkpoint: Checkpoint,
    options: ImportOptions = ImportOptions()
  ) throws -> ImportedModel {
    do {
      let network = try NetworkRecord(checkpoint)
      return try NetworkImport(network, checkpoint, options).run().model
    } catch let error as DeployError {
      throw error.inFile(checkpoint.path)
    }
  }
}
