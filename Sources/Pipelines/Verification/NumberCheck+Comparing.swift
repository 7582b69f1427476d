import Detectors
import Graphs
import Metrics
import Reports
import Tensors

extension NumberCheck {
  /// One check for the tensors and, where there are pictures, one for the boxes.
  func compare(
    _ actual: [String: Tensor],
    _ wanted: [String: Tensor],
    _ feed: Feed,
    _ outputs: inout [String: TensorComparison]
  ) throws -> [Check] {
    var figures: [Check.Figure] = []
    var passes = true
    var worst = ""
    for name in wanted.keys.sorted() {
      guard let expected = wanted[name], let found = actual[name] else {
        return [
          Check(
            name: feed.name,
            passes: false,
            figures: [.init("outputs", actual.keys.sorted().joined(separator: ", "))],
            verdict: "output '\(name)' is missing"
          )
        ]
      }
      for part in try OutputPart.parts(of: name, found, expected, contract) {
        let comparison = part.comparison
        outputs[part.name] = comparison
        figures.append(.init(part.name, comparison.words, limit: part.limit))
        // Two files may agree on a result that is none.
        let strange = comparison.actual.nanCount + comparison.actual.infinityCount
        if strange > 0 {
          worst = "\(part.name): \(strange) of \(comparison.elementCount) values are not finite"
        } else if !part.passes {
          worst = "\(part.name): \(comparison.words)"
        }
        passes = passes && part.passes && strange == 0
      }
    }
    let check = Check(
      name: "tensors, \(feed.name)",
      passes: passes,
      figures: figures,
      verdict: passes ? "equal within \(Self.limits(figures))" : worst
    )
    guard let boxes = try boxCheck(actual, wanted, feed) else { return [check] }
    return [check, boxes]
  }

  /// Each limit once, in order.
  private static func limits(_ figures: [Check.Figure]) -> String {
    var limits: [String] = []
    for case let limit? in figures.map(\.limit) where !limits.contains(limit) {
      limits.append(limit)
    }
    return limits.joined(separator: "; ")
  }

  private func boxCheck(
    _ actual: [String: Tensor],
    _ wanted: [String: Tensor],
    _ feed: Feed
  ) throws -> Check? {
    guard let geometry = feed.geometry, let contract, contract.task != .classify else { return nil }
    let decode = { (outputs: [String: Tensor]) in
      try PictureDecoder(contract: contract).detections(in: outputs, geometry)
    }
    let isHalf = (Array(actual.values) + Array(wanted.values)).contains {
      $0.scalarType == .float16
    }
    var tolerance = isHalf ? DetectionTolerance.half : DetectionTolerance()
    tolerance.confidenceThreshold = Double(PictureDecoder(contract: contract).confidenceThreshold)
    let comparison = DetectionComparison(
      try decode(actual),
      with: try decode(wanted),
      tolerance: tolerance
    )
    return Check(
      name: "boxes, \(feed.name)",
      passes: comparison.passes,
      figures: [
        .init("smallest IoU", "\(comparison.minimumIoU)", limit: "≥ \(tolerance.minimumIoU)"),
        .init(
          "largest score difference",
          "\(comparison.largestScoreDifference)",
          limit: "≤ \(tolerance.maximumScoreDifference)"
        ),
        .init("extra", "\(comparison.extra.count)", limit: "0 but at the threshold"),
        .init("missing", "\(comparison.missing.count)", limit: "0 but at the threshold"),
      ],
      verdict: comparison.words
    )
  }
}

extension Tensor {
  /// Some columns of the last axis.
  func columns(_ range: Range<Int>) throws -> Tensor {
    let width = shape[shape.rank - 1]
    let rows = shape.count / width
    return try withScalars(of: Float.self) { source in
      Tensor(shape: Shape(shape.dimensions.dropLast() + [range.count]), of: Float.self) { target in
        for row in 0..<rows {
          for (offset, column) in range.enumerated() {
            target[row * range.count + offset] = source[row * width + column]
          }
        }
      }
    }
  }
}
