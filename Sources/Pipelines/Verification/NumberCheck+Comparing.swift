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
        if !part.passes { worst = "\(part.name): \(comparison.words)" }
        passes = passes && part.passes
      }
    }
    let check = Check(
      name: "tensors, \(feed.name)",
      passes: passes,
      figures: figures,
      verdict: passes ? "equal within \(figures.first?.limit ?? "tolerance")" : worst
    )
    guard let boxes = try boxCheck(actual, wanted, feed) else { return [check] }
    return [check, boxes]
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
    let comparison = DetectionComparison(try decode(actual), with: try decode(wanted))
    return Check(
      name: "boxes, \(feed.name)",
      passes: comparison.passes,
      figures: [
        .init("smallest IoU", "\(comparison.minimumIoU)", limit: "≥ 0.99"),
        .init("largest score difference", "\(comparison.largestScoreDifference)", limit: "≤ 0.002"),
        .init("extra", "\(comparison.extra.count)", limit: "0"),
        .init("missing", "\(comparison.missing.count)", limit: "0"),
      ],
      verdict: comparison.words
    )
  }
}

/// A part of an output whose numbers are of one kind: boxes in pixels, or scores.
struct OutputPart {
  let name: String
  let comparison: TensorComparison
  /// The largest mean error; boxes have one beside the largest error.
  let meanLimit: Double?
  let limit: String

  var passes: Bool {
    comparison.passes && meanLimit.map { comparison.meanAbsoluteError <= $0 } ?? true
  }

  /// Boxes may be 0.1 px off at worst and 0.01 px on average, scores 1e-4.
  ///
  /// In half precision one step of a logit between 8 and 16 is 1/128, and a size is
  /// (2·sigmoid)² · anchor, which makes up to 1.6 % of one step; engines round at different places
  /// of some 60 layers. So there: 2 px + 2 % at worst, 0.2 px on average, scores 1e-2. Other
  /// outputs have the tolerance of rounding.
  static func parts(
    of name: String,
    _ actual: Tensor,
    _ expected: Tensor,
    _ contract: ModelContract?
  ) throws -> [OutputPart] {
    let isHalf = actual.scalarType == .float16 || expected.scalarType == .float16
    let (found, wanted) = (try actual.converted(to: .float32), try expected.converted(to: .float32))
    let classes = contract?.classNames.count ?? 0
    let width = 5 + classes + (contract?.maskCount ?? 0)
    let isDecoded = contract?.head == .decoded && contract?.task != .classify
    guard isDecoded, found.shape == wanted.shape, found.shape.rank == 3,
      found.shape[2] == width, found.shape.count > 0
    else {
      let tolerance = isHalf ? Tolerance.half : Tolerance(absolute: 1e-3, relative: 1e-4)
      return [
        OutputPart(
          name: name,
          comparison: try TensorComparison(found, with: wanted, tolerance: tolerance),
          meanLimit: nil,
          limit: "\(tolerance.absolute) + \(tolerance.relative)·|x|"
        )
      ]
    }
    let box =
      isHalf ? Tolerance(absolute: 2, relative: 2e-2) : Tolerance(absolute: 0.1, relative: 0)
    let mean = isHalf ? 0.2 : 0.01
    let score = isHalf ? 1e-2 : 1e-4
    return [
      OutputPart(
        name: "\(name) boxes",
        comparison: try TensorComparison(
          found.columns(0..<4),
          with: wanted.columns(0..<4),
          tolerance: box
        ),
        meanLimit: mean,
        limit: isHalf ? "2 px + 2 %, mean 0.2 px" : "0.1 px, mean 0.01 px"
      ),
      OutputPart(
        name: "\(name) scores",
        comparison: try TensorComparison(
          found.columns(4..<width),
          with: wanted.columns(4..<width),
          tolerance: Tolerance(absolute: score, relative: score)
        ),
        meanLimit: nil,
        limit: "\(score)"
      ),
    ]
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
