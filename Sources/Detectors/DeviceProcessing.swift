import Backends
import Diagnostics
import Graphs
import Images
import Tensors

/// What a session on a GPU does of a detector's work around the network.
final class DeviceProcessing {
  /// The session, where it takes pictures or chooses boxes.
  private let session: any PictureSession
  private let support: PictureSupport
  /// The last placement: pictures of a video or a camera are all of one size.
  private var known: (geometry: Letterbox.Geometry, placement: PicturePlacement)?

  /// Pictures beyond this many bytes are scaled on the processor: they would be staged whole.
  private static let mostBytes = 1 << 28

  var selects: Bool { support.selects }

  /// Asks a session; nil where it does nothing.
  init?(_ detector: Detector, _ session: any Session, _ notes: inout [Diagnostic]) throws {
    guard let pictures = session as? any PictureSession else { return nil }
    support = try pictures.prepare(detector.pictureRules)
    if let reason = support.reason { notes.append(reason) }
    guard support.takesPictures || support.selects else { return nil }
    self.session = pictures
  }

  /// Places the pictures of a run; false where one of them must be scaled on the processor.
  func place(
    _ images: some Collection<Image>,
    _ geometries: [Letterbox.Geometry],
    _ shape: Shape
  ) throws -> Bool {
    guard support.takesPictures, images.allSatisfy({ $0.pixels.count <= Self.mostBytes }),
      geometries.allSatisfy(\.isBilinear)
    else { return false }
    for (index, (image, geometry)) in zip(images, geometries).enumerated() {
      let placement = placement(geometry)
      try image.pixels.withUnsafeBufferPointer {
        try session.place($0, placement, at: index, shape: shape)
      }
    }
    return true
  }

  private func placement(_ geometry: Letterbox.Geometry) -> PicturePlacement {
    if let known, known.geometry == geometry { return known.placement }
    let made = geometry.placement
    known = (geometry, made)
    return made
  }

  /// The kept boxes of one picture; nil where the processor must choose.
  /// - Throws: `detector.not-finite` where nothing passes and some numbers are not finite.
  func candidates(of index: Int) throws -> [Candidate]? {
    guard selects, let selection = try session.selection(of: index) else { return nil }
    if selection.candidateCount == 0, selection.strangeCount > 0 {
      throw HeadDecoder.notFinite(selection.strangeCount)
    }
    return selection.kept.map { kept in
      Candidate(
        box: Box(x1: kept.x1, y1: kept.y1, x2: kept.x2, y2: kept.y2),
        confidence: kept.confidence,
        classIndex: kept.classIndex,
        anchor: kept.anchor
      )
    }
  }
}

extension Detector {
  /// The rules as a session on a GPU takes them. Boxes are chosen there for decoded heads only: σ of
  /// raw heads is not the same there in the last bit. Masks need the outputs here anyway.
  var pictureRules: PictureRules {
    var normalizer = PixelNormalizer()
    normalizer.prepare(contract.preprocessing)
    return PictureRules(
      input: input.name,
      values: normalizer.table,
      channels: normalizer.channels,
      padLevel: letterbox.padValue,
      selection: decoder.head == .decoded && !findsMasks
        ? PictureRules.Selection(suppression, decoder) : nil
    )
  }
}

extension PictureRules.Selection {
  init(_ suppression: NonMaxSuppression, _ decoder: HeadDecoder) {
    self.init(
      confidenceThreshold: suppression.confidenceThreshold,
      overlapLimit: SuppressionWorkspace.largestFloat(notAbove: suppression.iouThreshold),
      maxDetections: suppression.maxDetections,
      maxCandidates: suppression.maxCandidates,
      isClassAgnostic: suppression.isClassAgnostic,
      isMultiLabel: suppression.isMultiLabel,
      classes: suppression.classes,
      classCount: decoder.classCount,
      channelCount: decoder.channelCount
    )
  }
}

extension Letterbox.Geometry {
  /// Whether there is one bilinear step, or none: what can be done on a GPU.
  var isBilinear: Bool {
    guard steps.second == nil else { return false }
    guard let step = steps.first, step.method == .area else { return true }
    // To exactly half, both ways give the same.
    return sourceWidth == 2 * step.width && sourceHeight == 2 * step.height
  }

  /// The same letterbox as tables; without a step every pixel is its own.
  var placement: PicturePlacement {
    PicturePlacement(
      sourceWidth: sourceWidth,
      sourceHeight: sourceHeight,
      left: borders.left,
      top: borders.top,
      columns: (0..<steps.width).map {
        LinearResampler.column($0, of: steps.width, from: sourceWidth)
      },
      rows: (0..<steps.height).map {
        LinearResampler.row($0, of: steps.height, from: sourceHeight)
      }
    )
  }
}
