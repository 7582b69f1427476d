import Diagnostics
public import Graphs
public import Tensors

/// Turns a network's outputs into candidates, skipping every anchor below the threshold.
///
/// Boxes are in letterbox pixels. Anchors with a NaN or an infinity in their box or scores
/// never become candidates.
public struct HeadDecoder: Sendable, Hashable {
  /// The form of the outputs.
  public let head: ModelContract.Head
  /// How many classes there are.
  public let classCount: Int
  /// Mask coefficients per anchor; the scan passes over them, ``MaskDecoder`` reads them.
  public let maskCount: Int
  /// The head levels; used by raw heads only.
  public let levels: [ModelContract.Level]

  /// Creates the decoder for a network.
  /// - Throws: `detector.wrong-task` for a network that classifies.
  public init(contract: ModelContract) throws {
    guard contract.task != .classify else {
      throw DeployError(
        .detectorWrongTask,
        "the network classifies whole pictures, so there is nothing to decode",
        remedy: "give a detection model"
      )
    }
    head = contract.head
    classCount = contract.classNames.count
    maskCount = contract.maskCount
    levels = contract.levels
  }

  /// The values of one anchor: box, objectness, classes, masks.
  var channelCount: Int { 5 + classCount + maskCount }

  /// The candidates of one picture of a batch.
  /// - Throws: `detector.head-mismatch` when the outputs do not fit the contract.
  public func candidates(
    in outputs: [TensorBuffer],
    image: Int = 0,
    inputWidth: Int,
    inputHeight: Int,
    suppression: NonMaxSuppression
  ) throws -> [Candidate] {
    var candidates: [Candidate] = []
    let frame = Frame(image: image, width: inputWidth, height: inputHeight)
    try decode(outputs, frame, suppression, into: &candidates)
    return candidates
  }

  /// Which picture of a batch, and the size of the network's input in pixels.
  struct Frame {
    let image: Int
    let width: Int
    let height: Int

    /// The cells of a level.
    func cellCount(_ level: ModelContract.Level) -> Int {
      (height / level.stride) * (width / level.stride)
    }
  }

  func decode(
    _ outputs: [TensorBuffer],
    _ frame: Frame,
    _ suppression: NonMaxSuppression,
    into candidates: inout [Candidate]
  ) throws {
    candidates.removeAll(keepingCapacity: true)
    var strange = 0
    switch head {
    case .decoded:
      let found = outputs.first { $0.shape.rank == 3 && $0.shape[2] == channelCount }
      guard let output = found, frame.image < output.shape[0] else {
        throw mismatch(outputs, "[N, anchors, \(channelCount)]")
      }
      try decodeRows(output, frame, suppression, into: &candidates, strange: &strange)
    case .raw:
      var firstAnchor = 0
      for level in levels {
        guard let output = outputs.first(where: { matches($0.shape, level, frame) }) else {
          throw mismatch(
            outputs,
            "[N, \(level.anchors.count), \(frame.height / level.stride), "
              + "\(frame.width / level.stride), \(channelCount)]"
          )
        }
        try decodeCells(
          output,
          level,
          from: firstAnchor,
          frame,
          suppression,
          into: &candidates,
          strange: &strange
        )
        firstAnchor += level.anchors.count * frame.cellCount(level)
      }
    case .end2end:
      guard let output = outputs.first(where: { $0.shape.rank == 2 && $0.shape[1] == 7 }) else {
        throw mismatch(outputs, "[detections, 7]")
      }
      try decodeSelected(output, frame, suppression, into: &candidates)
    }
    // Anchors whose numbers are not finite are left out; a picture that has no others would look empty.
    guard candidates.isEmpty, strange > 0 else { return }
    throw Self.notFinite(strange)
  }

  /// The error where nothing passes and some predictions are no finite numbers.
  static func notFinite(_ count: Int) -> DeployError {
    DeployError(
      .detectorNotFinite,
      "\(count) predictions are no finite numbers, and no other passes the threshold",
      remedy:
        "look for the first node that overflows with `vitrine check --layers`; in half precision "
        + "keep that layer in single"
    )
  }

  func matches(_ shape: Shape, _ level: ModelContract.Level, _ frame: Frame) -> Bool {
    let (rows, columns) = (frame.height / level.stride, frame.width / level.stride)
    let anchorCount = level.anchors.count
    guard shape.rank > 0, frame.image < shape[0] else { return false }
    switch shape.rank {
    case 5:
      return shape[1] == anchorCount && shape[2] == rows && shape[3] == columns
        && shape[4] == channelCount
    case 4: return shape[1] == anchorCount * channelCount && shape[2] == rows && shape[3] == columns
    default: return false
    }
  }

  private func mismatch(_ outputs: [TensorBuffer], _ expected: String) -> DeployError {
    let shapes = outputs.map(\.shape.description).joined(separator: ", ")
    return DeployError(
      .detectorHeadMismatch,
      "the outputs \(shapes) hold no \(expected) of a \(head.rawValue) head",
      remedy: "check the number of classes and the head that the model's metadata state"
    )
  }
}
