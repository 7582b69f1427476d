public import Diagnostics
public import Tensors

/// A session that also does what lies around the network, where the network runs: it takes pictures
/// as they were decoded, scales and pads them there, and chooses the boxes there, so that neither
/// the network's input nor its output crosses between processor and GPU.
///
/// The numbers are those of the processor's own path, bit for bit, for the same output of the network.
public protocol PictureSession: Session {
  /// Prepares for the rules of one detector. Asked before the first run.
  /// - Returns: what of it this session does; the caller does the rest.
  /// - Throws: `backend.unavailable` where it was required and cannot be done.
  func prepare(_ rules: PictureRules) throws -> PictureSupport

  /// Takes one picture of the next run; values of ``Session/input(_:shape:)`` are not read then.
  /// - Parameters:
  ///   - pixels: [height, width, 3] of bytes, copied before this returns.
  ///   - shape: of the network's input, [N, 3, H, W].
  /// - Throws: `backend.shape-mismatch`, `backend.failed`.
  func place(
    _ pixels: UnsafeBufferPointer<UInt8>,
    _ placement: PicturePlacement,
    at index: Int,
    shape: Shape
  ) throws

  /// The boxes that the last run kept of one picture, by falling confidence, in letterbox pixels.
  /// - Returns: nil where there were more candidates than the session chooses from: the caller
  ///   chooses from ``Session/output(_:)`` then.
  /// - Throws: `backend.unknown-binding` before a run, `backend.failed`.
  func selection(of index: Int) throws -> PictureSelection?
}

/// What a detector does around the network.
public struct PictureRules: Sendable, Hashable {
  /// Which boxes become answers. Source: as `NonMaxSuppression`, for heads that are decoded.
  public struct Selection: Sendable, Hashable {
    /// Objectness, and objectness · score, must be above it.
    public var confidenceThreshold: Float
    /// A box falls whose overlap with a kept one is above it.
    public var overlapLimit: Float
    /// The most boxes that are kept.
    public var maxDetections: Int
    /// The most candidates that are looked at.
    public var maxCandidates: Int
    /// Whether boxes of different classes suppress each other.
    public var isClassAgnostic: Bool
    /// Whether one anchor may give several classes.
    public var isMultiLabel: Bool
    /// The classes wanted; nil: all.
    public var classes: [Int]?
    /// How many classes there are.
    public var classCount: Int
    /// The values of one anchor: box, objectness, scores and whatever follows.
    public var channelCount: Int

    /// Creates the rules of choosing.
    public init(
      confidenceThreshold: Float,
      overlapLimit: Float,
      maxDetections: Int,
      maxCandidates: Int,
      isClassAgnostic: Bool,
      isMultiLabel: Bool,
      classes: [Int]?,
      classCount: Int,
      channelCount: Int
    ) {
      self.confidenceThreshold = confidenceThreshold
      self.overlapLimit = overlapLimit
      self.maxDetections = maxDetections
      self.maxCandidates = maxCandidates
      self.isClassAgnostic = isClassAgnostic
      self.isMultiLabel = isMultiLabel
      self.classes = classes
      self.classCount = classCount
      self.channelCount = channelCount
    }
  }

  /// The network's input.
  public var input: String
  /// What each level becomes, [3, 256] by plane.
  public var values: [Float]
  /// The colour channel of each plane.
  public var channels: [Int]
  /// The level of the border.
  public var padLevel: UInt8
  /// nil: the caller chooses from the outputs.
  public var selection: Selection?

  /// Creates the rules of a detector.
  public init(
    input: String,
    values: [Float],
    channels: [Int],
    padLevel: UInt8,
    selection: Selection?
  ) {
    self.input = input
    self.values = values
    self.channels = channels
    self.padLevel = padLevel
    self.selection = selection
  }
}

/// What a session does of what it was asked for.
public struct PictureSupport: Sendable {
  /// Whether it takes pictures.
  public var takesPictures: Bool
  /// Whether it chooses boxes.
  public var selects: Bool
  /// Why it does not do all of it; nil where it does, or where nobody wants to know.
  public var reason: Diagnostic?

  /// Creates an answer.
  public init(takesPictures: Bool, selects: Bool, reason: Diagnostic? = nil) {
    self.takesPictures = takesPictures
    self.selects = selects
    self.reason = reason
  }

  /// Nothing of it.
  public static func none(_ reason: Diagnostic? = nil) -> PictureSupport {
    PictureSupport(takesPictures: false, selects: false, reason: reason)
  }
}

/// Where a picture lies in the network's input, and which source pixels each pixel is mixed from.
public struct PicturePlacement: Sendable, Hashable {
  /// The two source columns (or rows) of a scaled one, and their weights in 2048ths.
  public struct Mix: Sendable, Hashable {
    /// The left column or upper row.
    public var first: Int32
    /// The right column or lower row.
    public var second: Int32
    /// The weight of ``first``.
    public var firstWeight: Int32
    /// The weight of ``second``.
    public var secondWeight: Int32

    /// Creates a mix.
    public init(first: Int32, second: Int32, firstWeight: Int32, secondWeight: Int32) {
      self.first = first
      self.second = second
      self.firstWeight = firstWeight
      self.secondWeight = secondWeight
    }
  }

  /// The picture's width in pixels.
  public var sourceWidth: Int
  /// The picture's height in pixels.
  public var sourceHeight: Int
  /// The border on the left, in pixels of the input.
  public var left: Int
  /// The border above, in pixels of the input.
  public var top: Int
  /// By scaled column.
  public var columns: [Mix]
  /// By scaled row.
  public var rows: [Mix]

  /// Creates a placement.
  public init(
    sourceWidth: Int,
    sourceHeight: Int,
    left: Int,
    top: Int,
    columns: [Mix],
    rows: [Mix]
  ) {
    self.sourceWidth = sourceWidth
    self.sourceHeight = sourceHeight
    self.left = left
    self.top = top
    self.columns = columns
    self.rows = rows
  }

  /// Whether every index lies inside the picture and the scaled picture inside an input.
  public func isSound(width: Int, height: Int) -> Bool {
    let isInside = { (mix: Mix, count: Int) in
      (0..<count).contains(Int(mix.first)) && (0..<count).contains(Int(mix.second))
        && (0...2048).contains(mix.firstWeight) && (0...2048).contains(mix.secondWeight)
    }
    return left >= 0 && top >= 0 && !columns.isEmpty && !rows.isEmpty
      && left + columns.count <= width && top + rows.count <= height
      && columns.allSatisfy { isInside($0, sourceWidth) }
      && rows.allSatisfy { isInside($0, sourceHeight) }
  }
}

/// The boxes of one picture.
public struct PictureSelection: Sendable, Hashable {
  /// One box, in letterbox pixels.
  public struct Kept: Sendable, Hashable {
    /// The left edge.
    public var x1: Float
    /// The upper edge.
    public var y1: Float
    /// The right edge.
    public var x2: Float
    /// The lower edge.
    public var y2: Float
    /// Objectness · class score.
    public var confidence: Float
    /// Which class.
    public var classIndex: Int32
    /// Which anchor of the picture it comes from.
    public var anchor: Int32

    /// Creates a box.
    public init(
      x1: Float,
      y1: Float,
      x2: Float,
      y2: Float,
      confidence: Float,
      classIndex: Int32,
      anchor: Int32
    ) {
      self.x1 = x1
      self.y1 = y1
      self.x2 = x2
      self.y2 = y2
      self.confidence = confidence
      self.classIndex = classIndex
      self.anchor = anchor
    }
  }

  /// By falling confidence.
  public var kept: [Kept]
  /// Anchors whose numbers are not finite.
  public var strangeCount: Int
  /// Candidates above the threshold, before suppression.
  public var candidateCount: Int

  /// Creates a selection.
  public init(kept: [Kept], strangeCount: Int, candidateCount: Int) {
    self.kept = kept
    self.strangeCount = strangeCount
    self.candidateCount = candidateCount
  }
}
