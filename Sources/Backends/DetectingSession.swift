public import Tensors

/// A session that saves work which a caller who only wants detections does not need. The numbers
/// that are computed are the same as those of any other run.
public protocol DetectingSession: Session {
  /// Anchors whose objectness cannot exceed this are not decoded by the next runs: their
  /// objectness may be 0, and their other fields are whatever was there. Nil decodes them all.
  var objectnessFloor: Float? { get set }

  /// Memory for an input whose values are bytes of a picture, each standing for byte / 255 in
  /// float32, instead of ``Session/input(_:shape:)``: the next runs read it. The same object is
  /// given again while the shape stays the same.
  /// - Returns: uint8 of that shape; nil where the plan needs the values themselves.
  /// - Throws: `backend.unknown-binding`, `backend.shape-mismatch`.
  func pixels(_ name: String, shape: Shape) throws -> TensorBuffer?
}
