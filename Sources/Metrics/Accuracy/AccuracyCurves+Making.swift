extension AccuracyCurves {
  /// Up to so many classes, each class has all kinds of curves.
  private static let classLimit = 20
  /// How many of the 1000 confidences are kept: every ninth, so that both ends are there.
  private static let step = 9

  /// The curves of an evaluation.
  init(_ coco: COCOEvaluation, _ yolo: YOLOEvaluation) {
    let axis = YOLORules.axis(YOLORules.confidenceCount)
    self.init(
      confidences: Self.thinned(axis),
      recalls: COCORules.recalls.map(Self.short),
      curves: []
    )
    append(yolo, coco, class: nil)
    for result in yolo.classes { append(yolo, coco, class: result) }
  }

  private mutating func append(
    _ yolo: YOLOEvaluation,
    _ coco: COCOEvaluation,
    class result: YOLOEvaluation.ClassResult?
  ) {
    let index = result?.classIndex
    func add(_ kind: Kind, _ values: [Double]?) {
      guard let values else { return }
      curves.append(Curve(kind: kind, classIndex: index, values: values.map(Self.short)))
    }
    func yoloCurve(_ path: (YOLOEvaluation.ClassResult) -> [Double]) -> [Double]? {
      result.map(path) ?? yolo.meanCurve(path)
    }
    add(.precisionRecall, yoloCurve { Self.atRecalls($0.precisionOverRecall) })
    guard result == nil || yolo.classes.count <= Self.classLimit else { return }
    add(.precision, yoloCurve { Self.thinned($0.precision) })
    add(.recall, yoloCurve { Self.thinned($0.recall) })
    add(.f1, yoloCurve { Self.thinned($0.f1) })
    add(.cocoPrecisionRecall50, coco.curve(classIndex: index, overlap: COCORules.half))
    add(.cocoPrecisionRecall75, coco.curve(classIndex: index, overlap: COCORules.threeQuarters))
    add(.cocoPrecisionRecall, coco.curve(classIndex: index))
  }

  private static func thinned(_ values: [Double]) -> [Double] {
    stride(from: 0, to: values.count, by: step).map { short(values[$0]) }
  }

  /// The values at 101 recalls of those at 1000.
  private static func atRecalls(_ values: [Double]) -> [Double] {
    let axis = YOLORules.axis(values.count)
    return COCORules.recalls.map { interpolate(at: $0, axis, values, before: 1) }
  }

  private static func short(_ value: Double) -> Double { (value * 1e5).rounded() / 1e5 }
}
