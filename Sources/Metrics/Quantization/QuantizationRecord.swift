/// What was found out about a network in fewer bits. What a run did not look at is absent.
public struct QuantizationRecord: Sendable, Hashable, Codable {
  /// Which layers lose accuracy, and what it costs to spare them.
  public var sensitivity: SensitivityRecord?
  /// In which precision layers really ran.
  public var proof: PrecisionProof?
  /// What is wrong with a calibration.
  public var calibration: CalibrationFindings?
  /// Where accuracy goes, step by step.
  public var ledger: AccuracyLedger?
  /// Where detections first go wrong.
  public var bisection: Bisection?

  /// Creates a record of nothing.
  public init() {}
}
