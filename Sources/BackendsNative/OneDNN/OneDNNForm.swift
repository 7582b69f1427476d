import CNativeKernels
import COneDNN
import Graphs

/// How a convolution of ours is given to oneDNN: so many rows at a time, from dense pixels to dense
/// pixels, padding being the border that is read. Its fast implementations take no gaps between
/// rows or pixels: where surfaces have some, rows are gathered in scratch memory before and scattered
/// after.
struct OneDNNForm {
  /// Why oneDNN is not asked.
  struct Refusal: Error {
    let reason: String
  }

  let work: ConvolutionWork
  /// Rows of the result that one call computes, whatever the number of threads: so are the bits.
  let rows: Int
  /// Pixels of a row of the source that the result's row reads.
  let sourceWidth: Int
  let gathers: Bool
  let scatters: Bool
  /// The result's extents.
  let height: Int
  let width: Int
  private let sourceElement: Element
  private let targetElement: Element
  private let activation: (code: Int32, alpha: Float, beta: Float)

  /// - Throws: ``Refusal``.
  init(_ work: ConvolutionWork, _ surfaces: [Surface]) throws {
    let (source, target) = (surfaces[work.source], surfaces[work.target])
    self.work = work
    (sourceElement, targetElement) = (source.element, target.element)
    (height, width) = (target.height, target.width)
    try Self.check(work, surfaces)
    activation = try Self.activation(work.activation)
    sourceWidth = (width - 1) * work.strides[1] + (work.kernel[1] - 1) * work.dilations[1] + 1
    let (from, to) = (Place(work.source, surfaces), Place(work.target, surfaces))
    let reach = (work.kernel[0] - 1) * work.dilations[0]
    let readsDenseRows = from.hasDensePixels && from.rowPixels == sourceWidth
    let writesDenseRows = to.hasDensePixels && to.rowPixels == width
    let weightBytes = work.plainWeightCount * sourceElement.byteCount
    // Few calls where the weights are many, as each reads all of them.
    let slabs = weightBytes > 1 << 20 ? 4 : 8
    let slab = (height + slabs - 1) / slabs
    if readsDenseRows, writesDenseRows {
      (rows, gathers, scatters) = (slab, false, false)
      return
    }
    if from.hasDensePixels, to.hasDensePixels, reach == 0 || readsDenseRows,
      weightBytes <= Self.cacheByteCount
    {
      // A row alone has no gaps.
      (rows, gathers, scatters) = (1, false, false)
      return
    }
    (gathers, scatters) = (!readsDenseRows, !writesDenseRows)
    // What is copied stays in the cache.
    var count = slab
    while count > 1,
      Self.copied(work, count, sourceWidth, width, source, target) > Self.cacheByteCount
    {
      count -= 1
    }
    rows = count
  }

  private static let cacheByteCount = 256 << 10

  private static func copied(
    _ work: ConvolutionWork,
    _ rows: Int,
    _ sourceWidth: Int,
    _ width: Int,
    _ source: Surface,
    _ target: Surface
  ) -> Int {
    sourceRows(work, rows) * sourceWidth * work.inputChannels * source.element.byteCount
      + rows * width * work.outputChannels * target.element.byteCount
  }

  private static func sourceRows(_ work: ConvolutionWork, _ rows: Int) -> Int {
    (rows - 1) * work.strides[0] + (work.kernel[0] - 1) * work.dilations[0] + 1
  }

  private static func check(_ work: ConvolutionWork, _ surfaces: [Surface]) throws {
    let (source, target) = (surfaces[work.source], surfaces[work.target])
    guard source.element.scalarType != nil, target.element.scalarType != nil else {
      throw Refusal(
        reason: "it rounds bytes at other places than the engine's definition, which is bit by bit"
      )
    }
    guard source.element == .bfloat16 || target.element == .float32 else {
      throw Refusal(reason: "it has no convolution from float32 to bfloat16")
    }
    guard work.decode == nil else {
      throw Refusal(reason: "boxes are decoded row by row where logits are computed")
    }
    guard work.kind != .depthwise, work.firstChannel == 0, work.firstOutput == 0,
      work.inputChannels == source.channels, work.outputChannels == target.channels
    else { throw Refusal(reason: "the convolution is of a part of the channels") }
    if let residual = work.residual, surfaces[residual].element != target.element {
      throw Refusal(reason: "what is added has another element type than the result")
    }
  }

  private static func activation(_ code: ActivationCode) throws -> (Int32, Float, Float) {
    switch code.native {
    case NATIVE_IDENTITY: return (0, 0, 0)
    case NATIVE_SILU: return (Int32(VTDnnlSwish), 1, 0)
    case NATIVE_RELU: return (Int32(VTDnnlRelu), 0, 0)
    case NATIVE_LEAKY_RELU: return (Int32(VTDnnlRelu), code.alpha, 0)
    case NATIVE_SIGMOID: return (Int32(VTDnnlLogistic), 0, 0)
    case NATIVE_CLIP: return (Int32(VTDnnlClip), code.alpha, code.beta)
    case NATIVE_HARD_SWISH: return (Int32(VTDnnlHardSwish), 1.0 / 6, 0.5)
    default: throw Refusal(reason: "it has not that activation, or not after a convolution")
    }
  }

  /// Rows of the source that so many rows of the result read.
  func sourceRows(_ rows: Int) -> Int { Self.sourceRows(work, rows) }

  /// The last call of a picture computes so many rows.
  var lastRows: Int { height - (callCount - 1) * rows }
  /// Calls for one picture.
  var callCount: Int { (height + rows - 1) / rows }

  /// Scratch bytes of what is gathered and of what is scattered.
  var gatheredByteCount: Int {
    gathers
      ? sourceRows(rows) * sourceWidth * work.inputChannels * sourceElement.byteCount : 0
  }
  var scatteredByteCount: Int {
    scatters ? rows * width * work.outputChannels * targetElement.byteCount : 0
  }

  /// The weights' type as the library numbers it.
  var sourceType: Int32 { Int32(sourceElement == .float32 ? VTDnnlFloat32 : VTDnnlBFloat16) }

  /// What the library is asked for.
  func convolution(rows: Int) -> VTDnnlConvolution {
    let (inputs, outputs) = (Int64(work.inputChannels), Int64(work.outputChannels))
    return VTDnnlConvolution(
      source: (1, inputs, Int64(sourceRows(rows)), Int64(sourceWidth)),
      target: (1, outputs, Int64(rows), Int64(width)),
      weights: (outputs, inputs, Int64(work.kernel[0]), Int64(work.kernel[1])),
      strides: (Int64(work.strides[0]), Int64(work.strides[1])),
      dilations: (Int64(work.dilations[0]), Int64(work.dilations[1])),
      sourceType: sourceType,
      targetType: Int32(targetElement == .float32 ? VTDnnlFloat32 : VTDnnlBFloat16),
      activation: activation.code,
      alpha: activation.alpha,
      beta: activation.beta,
      sum: work.residualOrder
    )
  }

  /// Where a surface lies in its memory.
  private struct Place {
    let hasDensePixels: Bool
    /// Pixels from row to row.
    let rowPixels: Int

    init(_ index: Int, _ surfaces: [Surface]) {
      let (surface, root) = (surfaces[index], surfaces[surfaces.root(of: index)])
      hasDensePixels =
        surfaces.hasAllPixels(index)
        && root.pixelByteCount == surface.channels * surface.element.byteCount
      rowPixels = root.width + root.border.left + root.border.right
    }
  }
}

extension ConvolutionWork {
  /// The weights of a convolution of all channels.
  var plainWeightCount: Int { outputChannels * inputChannels * kernel[0] * kernel[1] }
}
