public import Diagnostics

extension Diagnostic.ID {
  /// A module class that no YOLOv5 has, or that is not known here.
  public static let modelUnsupportedModule: Self = "model.unsupported-module"
  /// A known module class with a setting or submodule that changes its meaning.
  public static let modelUnsupportedVariant: Self = "model.unsupported-variant"
  /// A module that lacks a tensor, attribute or submodule that its class has.
  public static let modelIncompleteModule: Self = "model.incomplete-module"
  /// Bare weights: nothing says which network they belong to.
  public static let modelArchitectureUnknown: Self = "model.architecture-unknown"
  /// A module tree that is not a YOLOv5 network.
  public static let modelNotYOLOv5: Self = "model.not-yolov5"
  /// A network that is unreasonably deep or large.
  public static let modelTooLarge: Self = "model.too-large"
  /// An input size that the network cannot take.
  public static let modelInvalidImageSize: Self = "model.invalid-image-size"
  /// A batch that is not positive.
  public static let modelInvalidBatch: Self = "model.invalid-batch"
  /// A head form that the task does not have.
  public static let modelUnsupportedHead: Self = "model.unsupported-head"
  /// Thresholds out of range.
  public static let modelInvalidThreshold: Self = "model.invalid-threshold"
  /// Class names that do not fit the number of classes.
  public static let modelClassNames: Self = "model.class-names"
  /// A network that was trained at another size than it is imported at.
  public static let modelTrainedSize: Self = "model.trained-size"
}
