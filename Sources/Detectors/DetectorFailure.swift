public import Diagnostics

extension Diagnostic.ID {
  /// A plan whose inputs are no pictures.
  public static let detectorUnsuitableInput: Self = "detector.unsuitable-input"
  /// Outputs that do not fit the contract.
  public static let detectorHeadMismatch: Self = "detector.head-mismatch"
  /// A network that does something else than detecting.
  public static let detectorWrongTask: Self = "detector.wrong-task"
  /// A picture or size that cannot be letterboxed.
  public static let detectorInvalidSize: Self = "detector.invalid-size"
  /// A threshold out of range.
  public static let detectorInvalidThreshold: Self = "detector.invalid-threshold"
  /// Predictions of which nothing but NaN or infinity is above the threshold.
  public static let detectorNotFinite: Self = "detector.not-finite"
  /// A guess about a network that says nothing about itself.
  public static let detectorAssumedContract: Self = "detector.assumed-contract"
}
