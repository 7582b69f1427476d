/// The constants of COCO's evaluation. Source: pycocotools `cocoeval.Params`.
enum COCORules {
  /// The overlaps 0.50, 0.55 … 0.95, computed as NumPy's `linspace` does.
  static let overlaps: [Double] = spaced(from: 0.5, to: 0.95, count: 10)
  /// The recalls 0, 0.01 … 1 at which precision is read.
  static let recalls: [Double] = spaced(from: 0, to: 1, count: 101)
  /// The most detections per picture and class.
  static let limits = [1, 10, 100]
  /// The places of the overlaps 0.50 and 0.75.
  static let (half, threeQuarters) = (0, 5)

  /// A range of areas.
  struct AreaRange {
    let name: String
    let minimum: Double
    let maximum: Double

    func excludes(_ area: Double) -> Bool { area < minimum || area > maximum }
  }

  /// All sizes, then small, medium and large objects.
  static let areas = [
    AreaRange(name: "all", minimum: 0, maximum: 1e10),
    AreaRange(name: "small", minimum: 0, maximum: 32 * 32),
    AreaRange(name: "medium", minimum: 32 * 32, maximum: 96 * 96),
    AreaRange(name: "large", minimum: 96 * 96, maximum: 1e10),
  ]

  private static func spaced(from start: Double, to end: Double, count: Int) -> [Double] {
    let step = (end - start) / Double(count - 1)
    return (0..<count).map { $0 == count - 1 ? end : Double($0) * step + start }
  }
}
