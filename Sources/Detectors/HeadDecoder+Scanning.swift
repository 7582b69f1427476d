import CImageKernels
import Diagnostics
import Glibc
import Graphs
import Tensors

extension HeadDecoder {
  /// Decoded heads: rows of [anchors, 5 + classes + masks].
  func decodeRows(
    _ output: TensorBuffer,
    _ frame: Frame,
    _ suppression: NonMaxSuppression,
    into candidates: inout [Candidate],
    strange: inout Int
  ) throws {
    let rowCount = output.shape[1]
    let start = frame.image * rowCount * channelCount
    switch output.scalarType {
    case .float32:
      try output.withScalars(of: Float.self) {
        strange += scan($0.baseAddress.map { $0 + start }, rowCount, suppression, into: &candidates)
      }
    case .float16:
      try output.withScalars(of: Float16.self) {
        strange += scan($0.baseAddress.map { $0 + start }, rowCount, suppression, into: &candidates)
      }
    default: throw unsuitable(output)
    }
  }

  /// Raw heads: [anchors, h, w, 5 + classes + masks] or [anchors · (5 + …), h, w].
  /// Source: YOLOv5 `yolo.Detect.forward`: xy = (2σ - 0.5 + cell) · stride, wh = (2σ)² · anchor.
  func decodeCells(
    _ output: TensorBuffer,
    _ level: ModelContract.Level,
    from firstAnchor: Int,
    _ frame: Frame,
    _ suppression: NonMaxSuppression,
    into candidates: inout [Candidate],
    strange: inout Int
  ) throws {
    switch output.scalarType {
    case .float32:
      try output.withScalars(of: Float.self) {
        strange += scan($0, output.shape, level, firstAnchor, frame, suppression, into: &candidates)
      }
    case .float16:
      try output.withScalars(of: Float16.self) {
        strange += scan($0, output.shape, level, firstAnchor, frame, suppression, into: &candidates)
      }
    default: throw unsuitable(output)
    }
  }

  /// Heads that end in suppression: rows of image, x1, y1, x2, y2, class, confidence.
  func decodeSelected(
    _ output: TensorBuffer,
    _ frame: Frame,
    _ suppression: NonMaxSuppression,
    into candidates: inout [Candidate]
  ) throws {
    guard output.scalarType == .float32 else { throw unsuitable(output) }
    try output.withScalars(of: Float.self) { values in
      for row in 0..<output.shape[0] {
        let row = UnsafeBufferPointer(rebasing: values[7 * row..<7 * row + 7])
        let isSound = row.allSatisfy(\.isFinite) && row[5] >= 0 && row[5] < Float(classCount)
        guard isSound, Int(exactly: row[0]) == frame.image else { continue }
        guard row[6] > suppression.confidenceThreshold, suppression.wants(Int(row[5])) else {
          continue
        }
        let box = Box(x1: row[1], y1: row[2], x2: row[3], y2: row[4])
        candidates.append(Candidate(box: box, confidence: row[6], classIndex: Int32(row[5])))
      }
    }
  }

  func unsuitable(_ output: TensorBuffer) -> DeployError {
    DeployError(
      .detectorHeadMismatch,
      "an output holds \(output.scalarType.rawValue), not floating-point numbers",
      remedy: "export the model with float32 or float16 outputs"
    )
  }

  @inline(__always)
  private func scan<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ start: UnsafePointer<Scalar>?,
    _ rowCount: Int,
    _ suppression: NonMaxSuppression,
    into candidates: inout [Candidate]
  ) -> Int {
    guard let start else { return 0 }
    var strange = 0
    let threshold = suppression.confidenceThreshold
    let step = channelCount
    var index = nextRow(start, 0, rowCount, threshold)
    while index < rowCount {
      let row = start + index * step
      let (width, height) = (Float(row[2]), Float(row[3]))
      let (x, y) = (Float(row[0]), Float(row[1]))
      let box = Box(
        x1: x - width / 2,
        y1: y - height / 2,
        x2: x + width / 2,
        y2: y + height / 2
      )
      let isSound = append(box, index, Float(row[4]), suppression, into: &candidates) {
        Float(row[5 + $0])
      }
      strange += isSound ? 0 : 1
      index = nextRow(start, index + 1, rowCount, threshold)
    }
    return strange
  }

  /// The next row whose objectness is above the threshold, or no number.
  @inline(__always)
  private func nextRow<Scalar: BinaryFloatingPoint>(
    _ start: UnsafePointer<Scalar>,
    _ first: Int,
    _ count: Int,
    _ threshold: Float
  ) -> Int {
    if Scalar.self == Float.self {
      let values = UnsafeRawPointer(start).assumingMemoryBound(to: Float.self)
      return kernels_next_above(values + 4, channelCount, first, count, threshold)
    }
    var index = first
    while index < count, Float(start[index * channelCount + 4]) <= threshold { index += 1 }
    return index
  }

  @inline(__always)
  private func scan<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    _ values: UnsafeMutableBufferPointer<Scalar>,
    _ shape: Shape,
    _ level: ModelContract.Level,
    _ firstAnchor: Int,
    _ frame: Frame,
    _ suppression: NonMaxSuppression,
    into candidates: inout [Candidate]
  ) -> Int {
    guard let start = values.baseAddress else { return 0 }
    var strange = 0
    let (columns, rows) = (frame.width / level.stride, frame.height / level.stride)
    let cellCount = columns * rows
    let isInterleaved = shape.rank == 5
    let cellStep = isInterleaved ? channelCount : 1
    let channelStep = isInterleaved ? 1 : cellCount
    // σ is monotonic: below this logit (with a margin for rounding) none can pass.
    let threshold = suppression.confidenceThreshold
    let limit = threshold <= 0 ? -Float.infinity : log(threshold / (1 - threshold)) - 0.01
    for anchor in level.anchors.indices {
      let block = frame.image * level.anchors.count + anchor
      let plane = start + block * cellCount * channelCount
      for cell in 0..<cellCount {
        let values = plane + cell * cellStep
        let logit = Float(values[4 * channelStep])
        // What is no number goes on, to be counted.
        if logit <= limit { continue }
        let objectness = sigmoid(logit)
        if objectness <= threshold { continue }
        let box = level.box(anchor, column: cell % columns, row: cell / columns) {
          sigmoid(Float(values[$0 * channelStep]))
        }
        let index = firstAnchor + anchor * cellCount + cell
        let isSound = append(box, index, objectness, suppression, into: &candidates) {
          sigmoid(Float(values[(5 + $0) * channelStep]))
        }
        strange += isSound ? 0 : 1
      }
    }
    return strange
  }

  /// Appends the labels of one anchor that pass.
  /// - Returns: whether all its numbers are finite; nothing is appended otherwise.
  @inline(__always)
  private func append(
    _ box: Box,
    _ anchor: Int,
    _ objectness: Float,
    _ suppression: NonMaxSuppression,
    into candidates: inout [Candidate],
    score: (Int) -> Float
  ) -> Bool {
    let threshold = suppression.confidenceThreshold
    var (best, bestClass, sum) = (-Float.infinity, 0, Float(0))
    for index in 0..<classCount {
      let confidence = objectness * score(index)
      sum += confidence
      if confidence > best { (best, bestClass) = (confidence, index) }
    }
    // Anything that is not finite makes the sum so.
    guard (sum + box.x1 + box.y1 + box.x2 + box.y2).isFinite else { return false }
    guard suppression.isMultiLabel, classCount > 1 else {
      if best > threshold, suppression.wants(bestClass) {
        candidates.append(
          Candidate(
            box: box,
            confidence: best,
            classIndex: Int32(bestClass),
            anchor: Int32(anchor)
          )
        )
      }
      return true
    }
    guard best > threshold else { return true }
    for index in 0..<classCount {
      let confidence = objectness * score(index)
      if confidence > threshold, suppression.wants(index) {
        candidates.append(
          Candidate(
            box: box,
            confidence: confidence,
            classIndex: Int32(index),
            anchor: Int32(anchor)
          )
        )
      }
    }
    return true
  }
}

extension NonMaxSuppression {
  /// Whether a class is among those wanted.
  @inline(__always)
  func wants(_ classIndex: Int) -> Bool { classes?.contains(classIndex) ?? true }
}

extension ModelContract.Level {
  /// The box of one anchor in one cell; `value` gives σ of the channels 0 to 3.
  @inline(__always)
  fileprivate func box(_ anchor: Int, column: Int, row: Int, _ value: (Int) -> Float) -> Box {
    let x = (value(0) * 2 + (Float(column) - 0.5)) * Float(stride)
    let y = (value(1) * 2 + (Float(row) - 0.5)) * Float(stride)
    let width = value(2) * 2 * (value(2) * 2) * anchors[anchor].width
    let height = value(3) * 2 * (value(3) * 2) * anchors[anchor].height
    return Box(x1: x - width / 2, y1: y - height / 2, x2: x + width / 2, y2: y + height / 2)
  }
}

@inline(__always)
private func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
