import Backends
import Detectors
import Diagnostics
import Files
import Graphs
import Images
public import Metrics
import Models
import Passes
import Tensors

/// Pictures → what a network's values are like.
///
/// Pictures go through the same letterbox as when detecting. Each is looked at twice: first for the
/// ranges, then for the distribution within them.
public struct CalibrateJob: Sendable {
  /// The model: a checkpoint or an ONNX file.
  public var model: String
  /// Pictures, folders or globs.
  public var sources: [String]
  /// At most this many pictures, taken evenly from all.
  public var sampleCount = 128
  /// Height and width in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// What runs the network.
  public var backend = BackendChoice()

  /// Creates a job.
  public init(model: String, sources: [String]) {
    self.model = model
    self.sources = sources
  }

  /// Observes.
  /// - Throws: `calibration.too-few-pictures`, `calibration.not-finite`, and what reading, building
  ///   and running throw.
  public func run(progress: ProgressHandler = { _ in }) async throws -> CalibrationTable {
    let all = try ImageSource.paths(sources)
    let step = max(1, all.count / max(1, sampleCount))
    let paths = Array(stride(from: 0, to: all.count, by: step).map { all[$0] }.prefix(sampleCount))
    let graph = try QuantizeJob.network(model, imageSize)
    let names = InsertQuantization.observedValues(graph)
    progress(.began(stage: "build", total: nil))
    var configuration = backend.configuration
    configuration.tappedValues = names
    let plan = try await backend.open().build(graph, configuration: configuration).plan
    progress(.finished(summary: counted(names.count, "value")))
    let observer = ValueObserver()
    var feed = try CalibrationFeed(plan, graph)
    var digests: Set<String> = []
    progress(.began(stage: "observe", total: 2 * paths.count))
    for pass in 0..<2 {
      if pass == 1 { observer.beginCounting() }
      for (index, path) in paths.enumerated() {
        try Task.checkCancellation()
        try feed.run(path, observer)
        if pass == 0 { digests.insert(try SHA256.hex(ofFile: path)) }
        progress(.advanced(pass * paths.count + index + 1))
      }
      if let strange = observer.notFinite {
        throw DeployError(
          .calibrationNotFinite,
          "value '\(strange)' has elements that are no numbers",
          remedy: "check the model with `vitrine check`: its float32 results are not usable"
        )
      }
    }
    guard digests.count >= 2 else {
      throw DeployError(
        .calibrationTooFew,
        "\(counted(paths.count, "picture")), of which \(digests.count) differ, cannot stand for what "
          + "the network will see",
        remedy: "give at least two different pictures; a few hundred are usual"
      )
    }
    progress(.finished(summary: counted(paths.count, "picture")))
    return CalibrationTable(
      model: String(model.split(separator: "/").last ?? ""),
      modelDigest: try SHA256.hex(ofFile: model),
      pictures: paths,
      imageSize: feed.imageSize,
      entries: names.compactMap { name in
        observer.histograms[name].map { CalibrationTable.Entry(value: name, histogram: $0) }
      }
    )
  }
}

/// Pictures letterboxed into a session, one after the other.
private struct CalibrationFeed {
  let session: any Session
  let input: TensorBuffer
  let letterbox: Letterbox
  let preprocessing: ModelContract.Preprocessing
  let reader = ImageReader()
  let workspace = LetterboxWorkspace()
  var image = Image(width: 0, height: 0)

  init(_ plan: any Plan, _ graph: Graph) throws {
    var options = Detector.Options()
    options.fit = .square
    let detector = try Detector(plan: plan, contract: graph.contract, options: options)
    letterbox = detector.letterbox
    preprocessing = graph.contract?.preprocessing ?? ModelContract.Preprocessing()
    session = try plan.makeSession()
    guard let first = graph.inputs.first, let shape = graph[first].type.shape else {
      throw DeployError(.graphInvalidInput, "the network has no input of known shape")
    }
    input = try session.input(graph[first].name, shape: shape)
  }

  var imageSize: [Int] { Array(input.shape.dimensions.suffix(2)) }

  mutating func run(_ path: String, _ observer: ValueObserver) throws {
    try reader.read(path, into: &image)
    try letterbox.write(image, to: input, preprocessing: preprocessing, using: workspace)
    try session.run(observer: observer)
  }
}

/// Keeps the ranges, then the distributions, of tapped values.
private final class ValueObserver: SessionObserver {
  private(set) var histograms: [String: CalibrationHistogram] = [:]
  private(set) var notFinite: String?
  private var ranges: [String: (Float, Float)] = [:]
  private var counts = false

  func beginCounting() {
    counts = true
    histograms = ranges.mapValues { CalibrationHistogram(least: $0.0, greatest: $0.1) }
  }

  func session(_ session: any Session, didProduce value: String, _ tensor: Tensor) {
    // A tensor of another type is nothing that could be calibrated.
    try? tensor.withScalars(of: Float.self) { elements in
      if counts {
        histograms[value]?.add(elements)
      } else {
        var (least, greatest) = ranges[value] ?? (.infinity, -.infinity)
        for element in elements {
          if !element.isFinite { notFinite = value }
          least = min(least, element)
          greatest = max(greatest, element)
        }
        ranges[value] = (least, greatest)
      }
    }
  }
}
