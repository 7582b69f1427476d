/// A rectangle in source pixels: the upper left corner and the size, as COCO writes boxes.
public struct Rectangle: Sendable, Hashable {
  /// The left edge.
  public var x: Double
  /// The upper edge.
  public var y: Double
  /// From the left edge to the right.
  public var width: Double
  /// From the upper edge to the lower.
  public var height: Double

  /// Creates a rectangle.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The area in square pixels.
  public var area: Double { width * height }

  /// Whether every number is finite.
  public var isFinite: Bool {
    x.isFinite && y.isFinite && width.isFinite && height.isFinite
  }

  /// The shared area over that of the union; for a crowd, over that of this rectangle alone.
  /// Source: pycocotools `mask.iou` for boxes.
  @inlinable
  public func overlap(with label: Rectangle, isCrowd: Bool) -> Double {
    let shownWidth = min(width + x, label.width + label.x) - max(x, label.x)
    guard shownWidth > 0 else { return 0 }
    let shownHeight = min(height + y, label.height + label.y) - max(y, label.y)
    guard shownHeight > 0 else { return 0 }
    let shared = shownWidth * shownHeight
    return shared / (isCrowd ? area : area + label.area - shared)
  }
}
