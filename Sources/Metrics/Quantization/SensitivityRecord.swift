public import Passes

/// What each layer of a network costs in accuracy when it computes in 8 bits, what it saves in time,
/// and which layers had better stay as they are.
public struct SensitivityRecord: Sendable, Hashable, Codable {
  /// The model's file name, without its folder.
  public var model: String
  /// The data set's name.
  public var dataset: String
  /// Pictures that were looked at.
  public var pictureCount: Int
  /// How ranges are chosen.
  public var method: CalibrationMethod
  /// How numbers become bytes.
  public var scheme: QuantizationScheme
  /// Threads inside one timed run.
  public var threadCount: Int
  /// COCO's AP in float32; nil where pictures have no labels.
  public var floatAveragePrecision: Double?
  /// The layers, the one worth keeping most first.
  public var layers: [LayerSensitivity]
  /// Plans that were built and measured, those that keep more layers later.
  public var plans: [PrecisionPlan]
  /// Which of them is the quickest whose accuracy is within the budget; nil where none is, or
  /// there is no budget.
  public var chosen: Int?
  /// How much AP may be lost; nil where nothing was asked for.
  public var budget: Double?

  /// Creates a record.
  public init(
    model: String,
    dataset: String,
    pictureCount: Int,
    method: CalibrationMethod,
    scheme: QuantizationScheme,
    threadCount: Int,
    floatAveragePrecision: Double? = nil,
    layers: [LayerSensitivity] = [],
    plans: [PrecisionPlan] = [],
    chosen: Int? = nil,
    budget: Double? = nil
  ) {
    self.model = model
    self.dataset = dataset
    self.pictureCount = pictureCount
    self.method = method
    self.scheme = scheme
    self.threadCount = threadCount
    self.floatAveragePrecision = floatAveragePrecision
    self.layers = layers
    self.plans = plans
    self.chosen = chosen
    self.budget = budget
  }

  /// The loss that plans are judged by: of AP where there are labels, otherwise of agreement with the
  /// float network.
  public func loss(_ plan: PrecisionPlan) -> Double {
    guard let reference = floatAveragePrecision, let value = plan.averagePrecision else {
      return 1 - plan.agreement
    }
    return reference - value
  }

  /// The plans that no other beats in both time and loss, by rising time.
  public var front: [PrecisionPlan] {
    plans.filter { plan in
      !plans.contains { other in
        other.milliseconds <= plan.milliseconds && loss(other) <= loss(plan)
          && (other.milliseconds < plan.milliseconds || loss(other) < loss(plan))
      }
    }.sorted { $0.milliseconds < $1.milliseconds }
  }

  /// What a tenth of a point (0.001) of AP costs in milliseconds, from the quickest plan of the front
  /// to the one that loses least; nil where the front is one point.
  public var millisecondsPerTenth: Double? {
    guard let first = front.first, let last = front.last, loss(first) > loss(last) else {
      return nil
    }
    return (last.milliseconds - first.milliseconds) / (loss(first) - loss(last)) / 1000
  }
}

/// One convolution, in 8 bits while everything else is not, and not in 8 bits while everything else is.
public struct LayerSensitivity: Sendable, Hashable, Codable {
  /// The convolution's name.
  public var name: String
  /// Its path in the checkpoint.
  public var module: String
  /// AP of the detections judged by the float network's (confidence 0.25 and more) as the truth, with
  /// only this layer in 8 bits: 1 would be no change.
  public var agreement: Double
  /// COCO's AP with only this layer in 8 bits; nil where pictures have no labels.
  public var averagePrecision: Double?
  /// What its 8 bits save: the network with all others in 8 bits takes so much longer, the
  /// reformatting at its borders included, in milliseconds.
  public var savedMilliseconds: Double
  /// Its share of the convolutions' arithmetic, 0 ... 1.
  public var share: Double

  /// Creates a layer's result.
  public init(
    name: String,
    module: String,
    agreement: Double,
    averagePrecision: Double?,
    savedMilliseconds: Double,
    share: Double
  ) {
    self.name = name
    self.module = module
    self.agreement = agreement
    self.averagePrecision = averagePrecision
    self.savedMilliseconds = savedMilliseconds
    self.share = share
  }

  /// The loss of agreement for each millisecond that it saves.
  public var worth: Double { (1 - agreement) / max(savedMilliseconds, 0.005) }
}

/// A choice of layers that stay in float, measured.
public struct PrecisionPlan: Sendable, Hashable, Codable {
  /// The convolutions that stay in float.
  public var kept: [String]
  /// COCO's AP; nil where pictures have no labels.
  public var averagePrecision: Double?
  /// AP judged by the float network's detections as the truth.
  public var agreement: Double
  /// The sum of the layers' shortest times over some runs, in milliseconds.
  public var milliseconds: Double
  /// The share of the convolutions' arithmetic in 8 bits, 0 ... 1.
  public var quantizedShare: Double

  /// Creates a plan's result.
  public init(
    kept: [String],
    averagePrecision: Double?,
    agreement: Double,
    milliseconds: Double,
    quantizedShare: Double
  ) {
    self.kept = kept
    self.averagePrecision = averagePrecision
    self.agreement = agreement
    self.milliseconds = milliseconds
    self.quantizedShare = quantizedShare
  }
}
