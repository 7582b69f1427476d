/// What an object of a scene can be. The raw value is the class name in truth files; the place in
/// `allCases` is the class index, beginning at 0.
public enum ShapeClass: String, CaseIterable, Sendable, Hashable, Codable {
  /// A disc.
  case circle
  /// A disc with a round hole.
  case ring
  /// A disc less an overlapping disc.
  case crescent
  /// Three equal sides.
  case triangle
  /// Four equal sides and angles.
  case square
  /// Five points.
  case star
  /// Two bars of equal length at a right angle.
  case cross
  /// A bar with a triangular head.
  case arrow

  /// The class index, beginning at 0.
  public var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
