/// Corners in pixels of the source image, `x1 < x2`, `y1 < y2`.
public struct Box: Sendable, Hashable, Codable {
  /// The left edge.
  public var x1: Float
  /// The upper edge.
  public var y1: Float
  /// The right edge.
  public var x2: Float
  /// The lower edge.
  public var y2: Float

  /// Creates a box from its corners.
  public init(x1: Float, y1: Float, x2: Float, y2: Float) {
    self.x1 = x1
    self.y1 = y1
    self.x2 = x2
    self.y2 = y2
  }

  /// The area in square pixels; 0 where the corners are swapped.
  public var area: Float { max(0, x2 - x1) * max(0, y2 - y1) }

  /// The area of the intersection over that of the union; 0 where both are empty.
  public func intersectionOverUnion(with other: Box) -> Float {
    let width = min(x2, other.x2) - max(x1, other.x1)
    let height = min(y2, other.y2) - max(y1, other.y1)
    guard width > 0, height > 0 else { return 0 }
    let shared = width * height
    return shared / (area + other.area - shared)
  }
}
