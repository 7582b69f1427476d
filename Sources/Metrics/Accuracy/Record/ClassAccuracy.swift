/// The accuracy for one class. Figures are -1 where nothing defines them.
public struct ClassAccuracy: Sendable, Hashable, Codable {
  /// The class index.
  public var index: Int
  /// The class's name.
  public var name: String
  /// How many pictures hold the class.
  public var pictureCount: Int
  /// How many objects of the class there are, crowds left out.
  public var instanceCount: Int
  /// COCO's AP, averaged over the overlaps 0.50, 0.55 ... 0.95.
  public var cocoAP: Double
  /// COCO's AP at an overlap of 0.50.
  public var cocoAP50: Double
  /// COCO's recall with at most 100 detections per picture, averaged over the overlaps.
  public var cocoAR: Double
  /// YOLOv5's precision at the best confidence.
  public var precision: Double
  /// YOLOv5's recall at the best confidence.
  public var recall: Double
  /// YOLOv5's F1 at the best confidence.
  public var f1: Double
  /// YOLOv5's AP at an overlap of 0.50.
  public var yoloAP50: Double
  /// YOLOv5's AP, averaged over the overlaps.
  public var yoloAP: Double

  /// Creates a row without figures.
  public init(index: Int, name: String, pictureCount: Int, instanceCount: Int) {
    self.index = index
    self.name = name
    self.pictureCount = pictureCount
    self.instanceCount = instanceCount
    (cocoAP, cocoAP50, cocoAR) = (-1, -1, -1)
    (precision, recall, f1) = (-1, -1, -1)
    (yoloAP50, yoloAP) = (-1, -1)
  }
}
