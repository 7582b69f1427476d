import CImageKernels

/// One row of a scaled picture, planar [3, width].
enum ScaledRow {
  /// Levels of 0 ... 255.
  case levels(UnsafePointer<Int16>)
  /// Two source rows, scaled horizontally, still to be blended.
  case blend(
    upper: UnsafePointer<Int16>,
    lower: UnsafePointer<Int16>,
    upperWeight: Int32,
    lowerWeight: Int32
  )

  /// The levels from `start` on; `scratch` has room for `count` of them.
  func levels(
    from start: Int,
    _ count: Int,
    using scratch: UnsafeMutablePointer<Int16>
  ) -> UnsafePointer<Int16> {
    switch self {
    case .levels(let values): return values + start
    case .blend(let upper, let lower, let upperWeight, let lowerWeight):
      kernels_blend(upper + start, lower + start, upperWeight, lowerWeight, count, scratch)
      return UnsafePointer(scratch)
    }
  }
}
