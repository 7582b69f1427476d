public import Backends
import Graphs
public import Images
import Tensors

/// The memory of one caller of a ``Detector``: nothing is allocated per picture after the first
/// of its size, but for the answers. One call at a time.
public final class DetectionSession {
  /// What this session runs.
  public let detector: Detector
  /// The session of the plan.
  public let session: any Session
  private let letterboxWorkspace = LetterboxWorkspace()
  private let suppressionWorkspace = SuppressionWorkspace()
  private var geometries: [Letterbox.Geometry] = []
  private var outputs: [TensorBuffer] = []

  init(_ detector: Detector, _ session: any Session) {
    self.detector = detector
    self.session = session
  }

  /// Detects on one picture.
  /// - Throws: `detector.invalid-size`, `detector.head-mismatch`, or what the session throws.
  public func detect(
    _ image: Image,
    observer: (any SessionObserver)? = nil
  ) throws -> DetectionResult {
    try run(CollectionOfOne(image)[...], observer)[0]
  }

  /// Detects on pictures, as many in one run as the plan takes; pictures of another input size
  /// begin another run.
  /// - Throws: `detector.invalid-size`, `detector.head-mismatch`, or what the session throws.
  public func detect(
    _ images: [Image],
    observer: (any SessionObserver)? = nil
  ) throws -> [DetectionResult] {
    var results: [DetectionResult] = []
    var rest = images[...]
    while let first = rest.first {
      let size = try inputSize(first)
      let limit = detector.batch.limit
      let run = try rest.prefix(limit).prefix { try inputSize($0) == size }
      results += try self.run(run, observer)
      rest = rest.dropFirst(run.count)
    }
    return results
  }

  private func inputSize(_ image: Image) throws -> [Int] {
    let geometry = try detector.letterbox.geometry(
      sourceWidth: image.width,
      sourceHeight: image.height
    )
    return [geometry.inputHeight, geometry.inputWidth]
  }

  private func run<Images: RandomAccessCollection<Image>>(
    _ images: Images,
    _ observer: (any SessionObserver)?
  ) throws -> [DetectionResult] {
    guard let first = images.first else { return [] }
    let clock = ContinuousClock()
    let start = clock.now
    let size = try inputSize(first)
    try preprocess(images, size)
    let prepared = clock.now
    try session.run(observer: observer)
    let ran = clock.now
    outputs.removeAll(keepingCapacity: true)
    for name in session.outputNames { outputs.append(try session.output(name)) }
    var detections: [[Detection]] = []
    for index in 0..<images.count { detections.append(try postprocess(index, size)) }
    let timings = StageTimings(
      preprocess: prepared - start,
      inference: ran - prepared,
      postprocess: clock.now - ran
    )
    return detections.map {
      DetectionResult(
        detections: $0,
        timings: timings,
        inputSize: size,
        batchSize: images.count
      )
    }
  }

  private func preprocess(_ images: some Collection<Image>, _ size: [Int]) throws {
    var batchSize = images.count
    if case .fixed(let count) = detector.batch { batchSize = count }
    let shape = Shape([batchSize, 3, size[0], size[1]])
    let buffer = try session.input(detector.input.name, shape: shape)
    geometries.removeAll(keepingCapacity: true)
    for (index, image) in images.enumerated() {
      geometries.append(
        try detector.letterbox.write(
          image,
          to: buffer,
          at: index,
          preprocessing: detector.contract.preprocessing,
          using: letterboxWorkspace
        )
      )
    }
  }

  private func postprocess(_ index: Int, _ size: [Int]) throws -> [Detection] {
    let frame = HeadDecoder.Frame(image: index, width: size[1], height: size[0])
    let workspace = suppressionWorkspace
    let suppression = detector.suppression
    try detector.decoder.decode(outputs, frame, suppression, into: &workspace.candidates)
    if detector.decoder.head == .end2end {
      workspace.keepMostConfident(suppression.maxDetections)
    } else {
      suppression.select(using: workspace)
    }
    return workspace.kept.map { kept in
      let candidate = workspace.candidates[kept]
      return Detection(
        box: geometries[index].sourceBox(candidate.box),
        classIndex: Int(candidate.classIndex),
        confidence: candidate.confidence
      )
    }
  }
}
