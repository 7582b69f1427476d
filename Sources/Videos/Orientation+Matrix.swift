import Images

extension Orientation {
  /// The orientation that a display matrix asks for: a b u, c d v, x y w, where a point (x, y) comes
  /// to lie at (a·x + c·y, b·x + d·y). Anything but quarter turns and mirrors is taken as upright.
  /// Source: ISO/IEC 14496-12, 8.3.2 (track header).
  init(displayMatrix matrix: UnsafePointer<Int32>) {
    let (a, b, c, d) = (matrix[0], matrix[1], matrix[3], matrix[4])
    switch (a.signum(), b.signum(), c.signum(), d.signum()) {
    case (-1, 0, 0, 1): self = .mirrored
    case (-1, 0, 0, -1): self = .halfTurned
    case (1, 0, 0, -1): self = .flipped
    case (0, 1, 1, 0): self = .transposed
    case (0, 1, -1, 0): self = .needsRightTurn
    case (0, -1, -1, 0): self = .transversed
    case (0, -1, 1, 0): self = .needsLeftTurn
    default: self = .upright
    }
  }

  /// Degrees clockwise, mirroring not counted.
  var rotation: Int {
    switch self {
    case .upright, .mirrored: 0
    case .halfTurned, .flipped: 180
    case .needsRightTurn, .transposed: 90
    case .needsLeftTurn, .transversed: 270
    }
  }
}
