/// The accuracy of boxes or of masks, by COCO's definition and by YOLOv5's.
///
/// The two differ: COCO's matches one detection to one label at each overlap by falling
/// confidence and knows crowds; YOLOv5's pairs by falling overlap, knows no crowds, and integrates
/// the curve of precision over recall by the trapezoid rule.
public struct DetectionAccuracy: Sendable, Hashable, Codable {
  /// COCO's twelve figures in pycocotools' order: AP, AP50, AP75, APsmall, APmedium, APlarge, AR1,
  /// AR10, AR100, ARsmall, ARmedium, ARlarge.
  public var coco: [AccuracyFigure]
  /// YOLOv5's figures: precision, recall and F1 where the mean F1 is greatest, mAP50, mAP50-95.
  public var yolo: [AccuracyFigure]
  /// The confidence at which the mean F1 is greatest.
  public var bestConfidence: Double
  /// One row per class that has labels, by class index.
  public var classes: [ClassAccuracy] = []
  /// One row per range of sizes: small, medium, large.
  public var sizes: [SizeAccuracy] = []
  /// Curves for charts.
  public var curves: AccuracyCurves?
  /// Which classes are taken for which.
  public var confusion: ConfusionMatrix?

  /// Creates a record.
  public init(coco: [AccuracyFigure], yolo: [AccuracyFigure], bestConfidence: Double) {
    self.coco = coco
    self.yolo = yolo
    self.bestConfidence = bestConfidence
  }

  /// The value of one figure, such as `AP` or `mAP50`; nil where there is none of that name.
  public func value(_ name: String) -> Double? {
    (coco + yolo).first { $0.name == name }?.value
  }
}
