/// The shape of an object, as files describe it.
public enum Region: Sendable, Hashable {
  /// Closed outlines x1, y1, x2, y2 … in source pixels; the object is all of their insides.
  case polygons([[Double]])
  /// Runs of pixels.
  case runs(RunLengthMask)

  /// The shape as runs of pixels.
  /// - Returns: nil where the picture is too large to count its pixels, or an outline too long.
  public func mask(width: Int, height: Int) -> RunLengthMask? {
    switch self {
    case .runs(let mask): return mask
    case .polygons(let polygons):
      guard RunLengthMask.isCountable(width: width, height: height) else { return nil }
      var merged: RunLengthMask?
      for polygon in polygons {
        let drawn = RunLengthMask(polygon: polygon, width: width, height: height)
        guard let mask = drawn else { return nil }
        merged = merged?.union(mask) ?? mask
      }
      return merged ?? RunLengthMask(width: width, height: height)
    }
  }
}
