/// How the stored rows and columns lie in the upright picture; raw values as in EXIF.
/// Source: CIPA DC-008 (EXIF 2.32), 4.6.4, tag 0x0112.
public enum Orientation: Int, Sendable {
  /// As it is.
  case upright = 1
  /// Left and right are exchanged.
  case mirrored = 2
  /// Upside down, turned.
  case halfTurned = 3
  /// Top and bottom are exchanged.
  case flipped = 4
  /// Rows are columns.
  case transposed = 5
  /// To be turned clockwise by a quarter.
  case needsRightTurn = 6
  /// Rows are columns, from the other corner.
  case transversed = 7
  /// To be turned counterclockwise by a quarter.
  case needsLeftTurn = 8

  /// Writes the upright picture.
  public func turn(_ source: Image, into target: inout Image) {
    let (width, height) = (source.width, source.height)
    let swapsAxes = rawValue >= 5
    target.reshape(width: swapsAxes ? height : width, height: swapsAxes ? width : height)
    guard width > 0, height > 0 else { return }
    // The source pixel of the target's origin, and the steps for one target pixel right or down.
    let right = (width - 1, height - 1)
    let (column, row, acrossX, acrossY, downX, downY) =
      switch self {
      case .upright: (0, 0, 1, 0, 0, 1)
      case .mirrored: (right.0, 0, -1, 0, 0, 1)
      case .halfTurned: (right.0, right.1, -1, 0, 0, -1)
      case .flipped: (0, right.1, 1, 0, 0, -1)
      case .transposed: (0, 0, 0, 1, 1, 0)
      case .needsRightTurn: (0, right.1, 0, -1, 1, 0)
      case .transversed: (right.0, right.1, 0, -1, -1, 0)
      case .needsLeftTurn: (right.0, 0, 0, 1, -1, 0)
      }
    let across = 3 * (acrossY * width + acrossX)
    let down = 3 * (downY * width + downX)
    let (targetWidth, targetHeight) = (target.width, target.height)
    source.pixels.withUnsafeBufferPointer { from in
      target.pixels.withUnsafeMutableBufferPointer { to in
        for y in 0..<targetHeight {
          var read = 3 * (row * width + column) + y * down
          var write = 3 * y * targetWidth
          for _ in 0..<targetWidth {
            to[write] = from[read]
            to[write + 1] = from[read + 1]
            to[write + 2] = from[read + 2]
            read += across
            write += 3
          }
        }
      }
    }
  }
}
