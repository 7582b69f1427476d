public import Files
public import Tensors

/// A file of trained weights, read and never executed.
public struct Checkpoint: Sendable {
  /// What kind of file it was.
  public enum Container: String, Sendable, Hashable, Codable {
    /// A zip archive with a pickle inside (torch 1.6 and later).
    case zip
    /// Pickles one after another (torch before 1.6).
    case legacy
    /// Named tensors after a JSON header.
    case safetensors
  }

  /// The file's path.
  public let path: String
  /// The file's size in bytes.
  public let byteCount: Int
  /// What kind of file it was.
  public let container: Container
  /// The network: `ema` where the checkpoint has one, otherwise `model`; nil for bare weights.
  public let model: ModuleRecord?
  /// Which entry the network came from: `ema`, `model` or nothing.
  public let modelEntry: String?
  /// Bare weights by full name, in file order; empty where there is a network.
  public let weights: [(name: String, tensor: Tensor)]
  /// The other top-level entries, such as `epoch`, `date` and `opt`.
  public let entries: [String: CheckpointValue]
  /// What the pickle asked for.
  public let audit: PickleAudit
  /// The mapping that the tensors lie in.
  private let file: MappedFile?

  /// Creates a checkpoint.
  public init(
    path: String,
    byteCount: Int,
    container: Container,
    model: ModuleRecord?,
    modelEntry: String?,
    weights: [(name: String, tensor: Tensor)],
    entries: [String: CheckpointValue],
    audit: PickleAudit,
    file: MappedFile? = nil
  ) {
    self.path = path
    self.byteCount = byteCount
    self.container = container
    self.model = model
    self.modelEntry = modelEntry
    self.weights = weights
    self.entries = entries
    self.audit = audit
    self.file = file
  }

  /// Lets the system take back the memory of weights that were read; they stay readable.
  public func releasePages() { file?.releasePages() }
}
