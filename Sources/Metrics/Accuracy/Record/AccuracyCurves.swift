/// Curves for charts: each gives one value per point of a common axis.
public struct AccuracyCurves: Sendable, Hashable, Codable {
  /// What a curve shows.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// YOLOv5's precision over the confidence, at an overlap of 0.50.
    case precision
    /// YOLOv5's recall over the confidence, at an overlap of 0.50.
    case recall
    /// YOLOv5's F1 over the confidence, at an overlap of 0.50.
    case f1
    /// YOLOv5's precision over recall, at an overlap of 0.50.
    case precisionRecall
    /// COCO's precision over recall, at an overlap of 0.50.
    case cocoPrecisionRecall50
    /// COCO's precision over recall, at an overlap of 0.75.
    case cocoPrecisionRecall75
    /// COCO's precision over recall, averaged over the overlaps.
    case cocoPrecisionRecall

    /// Whether its axis is the confidence; otherwise it is the recall.
    public var isOverConfidence: Bool {
      switch self {
      case .precision, .recall, .f1: true
      default: false
      }
    }
  }

  /// One curve.
  public struct Curve: Sendable, Hashable, Codable {
    /// What it shows.
    public var kind: Kind
    /// The class; nil for the mean of all classes that have labels.
    public var classIndex: Int?
    /// One value per point of the axis, rounded to five decimals.
    public var values: [Double]

    /// Creates a curve.
    public init(kind: Kind, classIndex: Int?, values: [Double]) {
      self.kind = kind
      self.classIndex = classIndex
      self.values = values
    }
  }

  /// The axis of the curves over the confidence, 0 ... 1.
  public var confidences: [Double]
  /// The axis of the curves over the recall, 0 ... 1.
  public var recalls: [Double]
  /// The curves; classes have all kinds where there are few of them, else precision over recall.
  public var curves: [Curve]

  /// Creates curves.
  public init(confidences: [Double], recalls: [Double], curves: [Curve]) {
    self.confidences = confidences
    self.recalls = recalls
    self.curves = curves
  }

  /// One curve; nil where it was not kept.
  public func values(_ kind: Kind, classIndex: Int? = nil) -> [Double]? {
    curves.first { $0.kind == kind && $0.classIndex == classIndex }?.values
  }
}
