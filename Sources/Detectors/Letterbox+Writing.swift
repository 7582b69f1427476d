import CImageKernels
import Diagnostics
public import Graphs
public import Images
public import Tensors

extension Letterbox {
  /// Writes a picture into one place of a batch, [N, 3, H, W] of float32 or float16, in one pass
  /// over the picture: scaled, padded, normalised, one plane per channel. A buffer of uint8 gets
  /// the levels themselves, 0 ... 255: it is for sessions that divide by 255 where they read.
  /// - Returns: where the picture lies, and the way back.
  /// - Throws: `detector.invalid-size` when the buffer's shape is another than the geometry's,
  ///   `detector.unsuitable-input` when it holds none of these, or bytes for a network that wants
  ///   other values than level / 255.
  @discardableResult
  public func write(
    _ image: Image,
    to buffer: TensorBuffer,
    at index: Int = 0,
    preprocessing: ModelContract.Preprocessing = ModelContract.Preprocessing(),
    using workspace: LetterboxWorkspace
  ) throws -> Geometry {
    let geometry = try geometry(sourceWidth: image.width, sourceHeight: image.height)
    let (height, width) = (geometry.inputHeight, geometry.inputWidth)
    guard
      buffer.shape.rank == 4, buffer.shape[1] == 3, buffer.shape[2] == height,
      buffer.shape[3] == width, (0..<buffer.shape[0]).contains(index)
    else {
      throw DeployError(
        .detectorInvalidSize,
        "place \(index) of \(buffer.shape) cannot take a picture of \(Shape([3, height, width]))"
      )
    }
    workspace.normalizer.prepare(preprocessing)
    let start = index * 3 * height * width
    switch buffer.scalarType {
    case .float32:
      try buffer.withScalars(of: Float.self) { target in
        guard let target = target.baseAddress else { return }
        fill(target + start, image, geometry, workspace, grey: { grey($0, workspace) }) {
          workspace.normalizer.write($0, $1, plane: $2, to: $3)
        }
      }
    case .uint8 where workspace.normalizer.isPlain:
      try buffer.withScalars(of: UInt8.self) { target in
        guard let target = target.baseAddress else { return }
        fill(target + start, image, geometry, workspace, grey: { _ in UInt8(padValue) }) {
          workspace.normalizer.write($0, $1, plane: $2, to: $3)
        }
      }
    case .float16:
      try buffer.withScalars(of: Float16.self) { target in
        guard let target = target.baseAddress else { return }
        fill(target + start, image, geometry, workspace, grey: { grey($0, workspace) }) {
          workspace.normalizer.write($0, $1, plane: $2, to: $3)
        }
      }
    default:
      throw DeployError(
        .detectorUnsuitableInput,
        "the input holds \(buffer.scalarType.rawValue), not float32 or float16"
      )
    }
    return geometry
  }

  /// The value of the room left.
  @inline(__always)
  private func grey<Scalar: BinaryFloatingPoint>(
    _ plane: Int,
    _ workspace: LetterboxWorkspace
  ) -> Scalar {
    Scalar(workspace.normalizer.table[256 * plane + Int(padValue)])
  }

  @inline(__always)
  private func fill<Scalar: BitwiseCopyable>(
    _ target: UnsafeMutablePointer<Scalar>,
    _ image: Image,
    _ geometry: Geometry,
    _ workspace: LetterboxWorkspace,
    grey: (_ plane: Int) -> Scalar,
    write: (ScaledRow, Int, Int, UnsafeMutablePointer<Scalar>) -> Void
  ) {
    let (steps, borders) = (geometry.steps, geometry.borders)
    let width = geometry.inputWidth
    let planeCount = width * geometry.inputHeight
    fillAboveAndBelow(target, geometry, grey)
    if let first = steps.first, let second = steps.second {
      workspace.scaleBetween(image, first)
      workspace.scale(workspace.intermediate, second, writeRow)
    } else {
      workspace.scale(image, steps.first, writeRow)
    }
    kernels_finish()

    func writeRow(_ row: Int, _ values: ScaledRow) {
      for plane in 0..<3 {
        // The borders beside the row go with it, while its memory is at hand.
        let start = target + plane * planeCount + (borders.top + row) * width
        paint(start, grey(plane), borders.left)
        write(values, steps.width, plane, start + borders.left)
        let right = start + borders.left + steps.width
        paint(right, grey(plane), borders.right)
      }
    }
  }

  @inline(__always)
  private func fillAboveAndBelow<Scalar: BitwiseCopyable>(
    _ target: UnsafeMutablePointer<Scalar>,
    _ geometry: Geometry,
    _ grey: (_ plane: Int) -> Scalar
  ) {
    let (borders, width, height) = (geometry.borders, geometry.inputWidth, geometry.inputHeight)
    for plane in 0..<3 {
      let start = target + plane * width * height
      paint(start, grey(plane), borders.top * width)
      let below = start + (height - borders.bottom) * width
      paint(below, grey(plane), borders.bottom * width)
    }
  }

  /// Writes one value `count` times.
  @inline(__always)
  private func paint<Scalar: BitwiseCopyable>(
    _ target: UnsafeMutablePointer<Scalar>,
    _ value: Scalar,
    _ count: Int
  ) {
    if Scalar.self == Float.self {
      kernels_fill(
        unsafeBitCast(value, to: Float.self),
        count,
        UnsafeMutableRawPointer(target).assumingMemoryBound(to: Float.self)
      )
    } else {
      target.update(repeating: value, count: count)
    }
  }
}
