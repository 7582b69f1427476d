/// How a checkpoint becomes an ONNX file.
public struct ExportOptions: Sendable {
  /// Which extents of the input stay open.
  public enum Dynamic: String, Sendable, CaseIterable {
    case none
    case batch
    /// Batch, height and width.
    case size
  }
  /// What form the detections leave the network in.
  public enum Head: String, Sendable, CaseIterable {
    case decoded
    case raw
    case end2end
  }

  /// The ONNX opset, 12 to 21.
  public var opset = 17
  /// Which extents of the input stay open.
  public var dynamic = Dynamic.none
  /// What form the detections leave the network in.
  public var head = Head.decoded
  /// Whether weights, input and output are half precision.
  public var half = false
  /// Whether batch normalisations stay nodes of their own.
  public var keepsBatchNormalization = false
  /// Input height and width in pixels: [H, W]; the checkpoint's usual size by default.
  public var imageSize: [Int]?
  /// Pictures per run, where the batch is fixed.
  public var batch = 1
  /// Least confidence of an end2end head.
  public var confidence: Float = 0.25
  /// Suppression overlap of an end2end head.
  public var overlap: Float = 0.45
  /// Most detections per picture and class of an end2end head.
  public var maxDetections = 300
  /// Passes to leave out, by name.
  public var disabledPasses: Set<String> = []
  /// The most edits that passes may make; bisects a wrong rewrite.
  public var patchLimit: Int?

  /// Creates the defaults.
  public init() {}
}
