/// The constants of YOLOv5's evaluation. Source: YOLOv5 `val.py`, `utils/metrics.py`.
enum YOLORules {
  /// The overlaps 0.50, 0.55 … 0.95 as PyTorch's `linspace` gives them in single precision.
  static let overlaps: [Float] = [
    0x1p-1, 0x1.19999ap-1, 0x1.333334p-1, 0x1.4cccccp-1, 0x1.666666p-1, 0x1.8p-1, 0x1.99999ap-1,
    0x1.b33334p-1, 0x1.ccccccp-1, 0x1.e66666p-1,
  ]
  /// How many confidences between 0 and 1 the curves are computed at.
  static let confidenceCount = 1000
  /// Added to divisors.
  static let epsilon = 1e-16
  /// Detections of the confusion matrix are more confident than this …
  static let confusionConfidence = 0.25
  /// … and overlap their object by more than this.
  static let confusionOverlap: Float = 0.45

  /// `count` numbers from 0 to 1, as NumPy's `linspace` gives them.
  static func axis(_ count: Int) -> [Double] {
    let step = 1 / Double(count - 1)
    return (0..<count).map { $0 == count - 1 ? 1 : Double($0) * step }
  }
}
