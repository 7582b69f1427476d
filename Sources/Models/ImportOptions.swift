public import Graphs

/// How a checkpoint becomes a graph.
public struct ImportOptions: Sendable, Hashable, Codable {
  /// Which input dimensions stay open.
  public enum DynamicAxes: String, Sendable, Hashable, Codable, CaseIterable {
    /// None: every extent is a number.
    case none
    /// The batch (symbol `batch`).
    case batch
    /// The batch, the height and the width (symbols `batch`, `height`, `width`).
    case size
  }

  /// Thresholds of the suppression inside the graph (``ModelContract/Head/end2end``).
  public struct Suppression: Sendable, Hashable, Codable {
    /// Boxes at or below this confidence are dropped.
    public var confidence: Float = 0.25
    /// Of two boxes of one class that overlap by more than this, the weaker is dropped.
    public var overlap: Float = 0.45
    /// The most boxes per image.
    public var maximumDetections = 1000
    /// Creates the thresholds that YOLOv5's detection command starts from.
    public init() {}
  }

  /// The input height and width in pixels, [H, W]; nil for 640 × 640 (classification: 224 × 224),
  /// whatever size the network was trained at.
  public var imageSize: [Int]?
  /// Images per run, where the batch is not dynamic.
  public var batch = 1
  /// Which input dimensions stay open.
  public var dynamic: DynamicAxes = .none
  /// What form the detections leave the network in.
  public var head: ModelContract.Head = .decoded
  /// Thresholds for ``ModelContract/Head/end2end``.
  public var suppression = Suppression()
  /// Class names that replace the checkpoint's own.
  public var names: [String]?

  /// Creates the options of a plain export.
  public init() {}
}
