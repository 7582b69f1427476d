/// One precision's row: what was measured, or why it is absent.
public struct PrecisionMeasurement: Sendable, Hashable, Codable {
  /// `fp32`, `fp16`, `bf16`, `int8`.
  public var precision: String
  /// Why nothing was measured; nil where it was.
  public var absence: String?
  /// How to get it, where it is absent and can be had.
  public var remedy: String?
  /// What was done to have this precision, in one sentence.
  public var form: String
  /// The size of the network's file in bytes.
  public var byteCount: Int?
  /// COCO's AP at IoU 0.5 to 0.95.
  public var averagePrecision: Double?
  /// COCO's AP at IoU 0.5.
  public var averagePrecision50: Double?
  /// The AP less that of the first row, with the 95 % interval of the paired bootstrap over
  /// pictures; nil for the first row.
  public var change: Change?
  /// One run of the network.
  public var latency: LatencySummary?
  /// Pictures per second, one run after the other.
  public var throughput: Double?
  /// Its time against the first row's; nil for the first row.
  public var verdict: Verdict?

  /// A difference of average precisions.
  public struct Change: Sendable, Hashable, Codable {
    /// The estimate.
    public var value: Double
    /// The lower end of the 95 % interval.
    public var lower: Double
    /// The upper end.
    public var upper: Double
    /// Creates a difference.
    public init(value: Double, lower: Double, upper: Double) {
      self.value = value
      self.lower = lower
      self.upper = upper
    }
  }

  /// Creates a row without measurements.
  public init(
    precision: String,
    form: String,
    absence: String? = nil,
    remedy: String? = nil
  ) {
    self.precision = precision
    self.form = form
    self.absence = absence
    self.remedy = remedy
  }
}
