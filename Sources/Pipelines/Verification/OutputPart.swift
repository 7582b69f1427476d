import Graphs
import Metrics
import Tensors

/// A part of an output whose numbers are of one kind: centres and sizes in pixels, or scores.
struct OutputPart {
  let name: String
  let comparison: TensorComparison
  let passes: Bool
  let limit: String

  /// The parts of a decoded head; other outputs are one part with the tolerance of rounding.
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
      let comparison = try TensorComparison(found, with: wanted, tolerance: tolerance)
      let limit = "\(tolerance.absolute) + \(tolerance.relative)·|x|"
      return [
        OutputPart(name: name, comparison: comparison, passes: comparison.passes, limit: limit)
      ]
    }
    return try (isHalf ? PartLimit.half : PartLimit.single).map { part in
      let columns = part.columns.clamped(to: 0..<width)
      let comparison = try TensorComparison(
        found.columns(columns),
        with: wanted.columns(columns),
        tolerance: part.tolerance
      )
      return OutputPart(
        name: "\(name) \(part.name)",
        comparison: comparison,
        passes: part.allows(comparison),
        limit: part.words
      )
    }
  }
}

/// How far the numbers of one kind may be off.
private struct PartLimit {
  let name: String
  let columns: Range<Int>
  /// The largest error.
  let tolerance: Tolerance
  /// The largest mean error, in pixels.
  var mean: Double?
  /// The least signal-to-noise ratio in decibels.
  var signalToNoise: Double?
  let words: String

  /// Boxes 0.1 px at worst and 0.01 px on average, scores 1e-4.
  static let single = [
    PartLimit(
      name: "boxes",
      columns: 0..<4,
      tolerance: Tolerance(absolute: 0.1, relative: 0),
      mean: 0.01,
      words: "0.1 px, mean 0.01 px"
    ),
    PartLimit(
      name: "scores",
      columns: 4..<Int.max,
      tolerance: Tolerance(absolute: 1e-4, relative: 1e-4),
      words: "1e-4"
    ),
  ]

  /// In half precision the largest error says little: a size is (2σ)² · anchor, so that one step of
  /// a logit near 16 moves it by 1.6 %, and some 60 layers round. What can be judged is the noise.
  /// One rounding leaves 20 · log₁₀(2¹¹ · √12) = 77 dB, 60 of them, independent, 59 dB; 30 dB
  /// allow for layers that amplify it. Centres are mostly the grid's, so their mean error counts.
  static let half = {
    // The largest number of half precision: whatever is not finite is still outside.
    let finite = Tolerance(absolute: 65_504, relative: 0)
    return [
      PartLimit(
        name: "centres",
        columns: 0..<2,
        tolerance: finite,
        mean: 0.2,
        words: "mean 0.2 px"
      ),
      PartLimit(
        name: "sizes",
        columns: 2..<4,
        tolerance: finite,
        signalToNoise: 30,
        words: "at least 30 dB"
      ),
      PartLimit(
        name: "scores",
        columns: 4..<Int.max,
        tolerance: finite,
        signalToNoise: 30,
        words: "at least 30 dB"
      ),
    ]
  }()

  func allows(_ comparison: TensorComparison) -> Bool {
    let noise = comparison.signalToNoiseDecibels ?? .infinity
    return comparison.passes && noise >= signalToNoise ?? 0
      && (mean.map { comparison.meanAbsoluteError <= $0 } ?? true)
  }
}
