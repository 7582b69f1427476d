import Detectors
import Graphs
import Images
import Metrics
import Tensors

/// Whether the pictures of a calibration were prepared as the model wants it.
///
/// The pictures are prepared again, rightly and with the usual mistakes, and the distribution of the
/// input's elements is compared with the one that was observed. The distance of two distributions is
/// half the sum of their differences (total variation): 0 for equal ones, 1 for ones that have nothing
/// in common.
struct PreprocessingParity {
  /// A way of preparing pictures.
  private struct Way {
    let name: String
    let words: String
    var letterbox: Letterbox
    var preprocessing: ModelContract.Preprocessing
  }

  private let source: QuantizationSource
  private let graph: Graph
  private let paths: [String]

  init(_ graph: Graph, _ source: QuantizationSource, paths: [String]) {
    self.graph = graph
    self.source = source
    self.paths = paths
  }

  /// Distances up to this one are those of another resizer.
  private static let tolerance = 0.12

  /// Adds what it finds.
  func judge(_ findings: inout CalibrationFindings) throws {
    guard let input = graph.inputs.first, let contract = graph.contract else { return }
    let name = graph[input].name
    switch source {
    case .cache(let cache, _):
      guard let scale = cache.scales.first(where: { $0.value == name })?.scale else { return }
      judge(greatest: 127 * scale, contract.preprocessing, &findings)
    case .table(let table):
      guard let entry = table.entries.first(where: { $0.value == name }) else { return }
      try judge(entry.histogram, contract, table.imageSize, &findings)
    }
  }

  /// A cache tells no more than the greatest element.
  private func judge(
    greatest: Float,
    _ preprocessing: ModelContract.Preprocessing,
    _ findings: inout CalibrationFindings
  ) {
    let expected = 255 * preprocessing.scale
    guard greatest > 8 * expected else { return }
    findings.findings.append(Self.notScaled(greatest, expected))
  }

  private static func notScaled(
    _ greatest: Float,
    _ expected: Float
  ) -> CalibrationFindings.Finding {
    CalibrationFindings.Finding(
      "not-scaled",
      isProblem: true,
      "the input reaches \(greatest), and the model wants \(expected) at most: pixels were not "
        + "divided by 255",
      remedy: "prepare pictures as the model wants it: vitrine calibrate does"
    )
  }

  private func judge(
    _ observed: CalibrationHistogram,
    _ contract: ModelContract,
    _ size: [Int],
    _ findings: inout CalibrationFindings
  ) throws {
    var distances: [(way: Way, distance: Double)] = []
    for way in ways(contract, size) {
      distances.append((way, try distance(observed, way, size)))
    }
    guard let right = distances.first, right.distance > Self.tolerance,
      let nearest = distances.min(by: { $0.distance < $1.distance })
    else { return }
    let rounded = { (value: Double) in (value * 1000).rounded() / 1000 }
    let isKnown = nearest.distance < right.distance / 2
    guard isKnown, nearest.way.name != "not-scaled" else {
      findings.findings.append(
        isKnown
          ? Self.notScaled(observed.greatest, 255 * contract.preprocessing.scale)
          : CalibrationFindings.Finding(
            "other-preprocessing",
            isProblem: true,
            "the input's distribution differs by \(rounded(right.distance)) from that of these "
              + "pictures, prepared as the model wants it",
            remedy: "check that these are the pictures, and how they were prepared"
          )
      )
      return
    }
    findings.findings.append(
      CalibrationFindings.Finding(
        nearest.way.name,
        isProblem: true,
        "\(nearest.way.words): the input's distribution differs by \(rounded(nearest.distance)) from "
          + "that, and by \(rounded(right.distance)) from what the model wants",
        remedy: "prepare pictures as the model wants it: vitrine calibrate does"
      )
    )
  }

  /// The right way first, then the usual mistakes.
  private func ways(_ contract: ModelContract, _ size: [Int]) -> [Way] {
    var letterbox = Letterbox()
    letterbox.fit = .square
    (letterbox.height, letterbox.width) = (size[0], size[1])
    letterbox.stride = max(1, contract.stride)
    letterbox.padValue = contract.preprocessing.padValue
    let right = Way(
      name: "letterboxed",
      words: "",
      letterbox: letterbox,
      preprocessing: contract.preprocessing
    )
    var stretched = Way(
      name: "not-letterboxed",
      words: "pictures were stretched to the input's shape instead of padded",
      letterbox: letterbox,
      preprocessing: contract.preprocessing
    )
    stretched.letterbox.fit = .stretch
    var black = Way(
      name: "other-padding",
      words: "pictures were padded with black instead of grey (\(letterbox.padValue))",
      letterbox: letterbox,
      preprocessing: contract.preprocessing
    )
    black.letterbox.padValue = 0
    var unscaled = Way(
      name: "not-scaled",
      words: "",
      letterbox: letterbox,
      preprocessing: contract.preprocessing
    )
    unscaled.preprocessing.scale = 1
    var both = unscaled
    both.letterbox.fit = .stretch
    return [right, stretched, black, unscaled, both]
  }

  private func distance(
    _ observed: CalibrationHistogram,
    _ way: Way,
    _ size: [Int]
  ) throws -> Double {
    var expected = CalibrationHistogram(least: observed.least, greatest: observed.greatest)
    let buffer = TensorBuffer(shape: [1, 3, size[0], size[1]], scalarType: .float32)
    let (reader, workspace) = (ImageReader(), LetterboxWorkspace())
    var image = Image(width: 0, height: 0)
    // A part of them says enough where they are many.
    let step = max(1, paths.count / 64)
    for index in Swift.stride(from: 0, to: paths.count, by: step) {
      try reader.read(paths[index], into: &image)
      try way.letterbox.write(image, to: buffer, preprocessing: way.preprocessing, using: workspace)
      try buffer.withScalars(of: Float.self) { expected.add(UnsafeBufferPointer($0)) }
    }
    let (a, b) = (Double(max(1, observed.total)), Double(max(1, expected.total)))
    return zip(observed.counts, expected.counts).reduce(0) {
      $0 + abs(Double($1.0) / a - Double($1.1) / b)
    } / 2
  }
}
