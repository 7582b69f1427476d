public import Diagnostics
public import Passes

/// What an export did.
public struct ExportResult: Sendable, Codable {
  /// The checkpoint's path.
  public var model: String
  /// The written file's path.
  public var output: String
  /// The written file's size in bytes.
  public var byteCount: Int
  /// The ONNX opset.
  public var opset: Int
  /// Inputs with their types, such as `images float32[1, 3, 640, 640]`.
  public var inputs: [String]
  /// Outputs with their types.
  public var outputs: [String]
  /// Nodes by operator before the passes.
  public var operatorsBefore: [String: Int]
  /// Nodes by operator after the passes.
  public var operatorsAfter: [String: Int]
  /// Every edit of the passes, in order.
  public var patches: [PatchRecord]
  /// Warnings and notes.
  public var diagnostics: [Diagnostic]
  /// The time from opening the checkpoint to the whole file, in milliseconds.
  public var milliseconds: Double

  /// Nodes before the passes.
  public var nodesBefore: Int { operatorsBefore.values.reduce(0, +) }
  /// Nodes after the passes.
  public var nodesAfter: Int { operatorsAfter.values.reduce(0, +) }
  /// The number of edits.
  public var patchCount: Int { patches.count }
}
