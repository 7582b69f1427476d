/// Where accuracy goes between a checkpoint as its authors measure it and what is deployed: one thing
/// changed at a time.
public struct AccuracyLedger: Sendable, Hashable, Codable {
  /// One step, booked against the one before.
  public struct Entry: Sendable, Hashable, Codable {
    /// What was changed: `rect`, `square`, `resize`, `onnx`, `bf16`, `int8`, `nms`.
    public var step: String
    /// COCO's AP after it.
    public var averagePrecision: Double
    /// The change against the entry before; nil for the first.
    public var change: PrecisionMeasurement.Change?
    /// Creates an entry.
    public init(step: String, averagePrecision: Double, change: PrecisionMeasurement.Change?) {
      self.step = step
      self.averagePrecision = averagePrecision
      self.change = change
    }
  }

  /// What 8 bits do to one class or one range of sizes.
  public struct Damage: Sendable, Hashable, Codable {
    /// The class, or the range of sizes.
    public var name: String
    /// Objects of that kind.
    public var instanceCount: Int
    /// COCO's AP in float32.
    public var before: Double
    /// COCO's AP in 8 bits.
    public var after: Double
    /// The change with its interval; nil for classes.
    public var change: PrecisionMeasurement.Change?
    /// Creates an entry.
    public init(
      name: String,
      instanceCount: Int,
      before: Double,
      after: Double,
      change: PrecisionMeasurement.Change? = nil
    ) {
      self.name = name
      self.instanceCount = instanceCount
      self.before = before
      self.after = after
      self.change = change
    }
  }

  /// The model's file name, without its folder.
  public var model: String
  /// The data set's name.
  public var dataset: String
  /// Pictures that were judged.
  public var pictureCount: Int
  /// The backend's name.
  public var backend: String
  /// The pictures that calibration saw, by file name; they must not be among those that were judged.
  public var calibrationPictures: [String] = []
  /// The pictures that were judged, by file name.
  public var judgedPictures: [String] = []
  /// The steps in order.
  public var entries: [Entry] = []
  /// 8 bits against float32 by class, the most damaged first.
  public var classes: [Damage] = []
  /// 8 bits against float32 by size.
  public var sizes: [Damage] = []

  /// Creates an empty ledger.
  public init(model: String, dataset: String, pictureCount: Int, backend: String) {
    self.model = model
    self.dataset = dataset
    self.pictureCount = pictureCount
    self.backend = backend
  }
}
