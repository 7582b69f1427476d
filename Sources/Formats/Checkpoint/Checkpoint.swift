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
  /// Opaque globals that the pickle keeps as values: a function could be called by whoever runs it.
  private let globalsKeptAsValues: [String]
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
    globalsKeptAsValues: [String] = [],
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
    self.globalsKeptAsValues = globalsKeptAsValues
    self.file = file
  }

  /// Whether Python may be given the file: whether it names nothing but the classes of a YOLOv5
  /// network and plain data.
  ///
  /// This reader runs nothing whatever a file says, so it takes classes that it does not know. PyTorch
  /// imports what a pickle names, makes objects of it and runs their methods.
  /// - Throws: `checkpoint.not-for-python`, naming the first that is not.
  public func checkFitForPython() throws {
    let strange = audit.entries.first {
      $0.treatment == .opaque && !GlobalRule.isNetworkClass($0.global)
    }
    if let name = strange?.global {
      throw CheckpointFailure.notForPython(name, "it is no class of a YOLOv5 network", path)
    }
    if let name = globalsKeptAsValues.first {
      throw CheckpointFailure.notForPython(
        name,
        "it is kept as a value, which could be called",
        path
      )
    }
  }

  /// Lets the system take back the memory of weights that were read; they stay readable.
  public func releasePages() { file?.releasePages() }
}
