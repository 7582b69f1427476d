public import Backends
public import Diagnostics
import Graphs
public import Images
import Tensors

/// The memory of one caller of a ``Detector``: nothing is allocated per picture after the first
/// of its size, but for the array of detections that is the answer. One call at a time.
public final class DetectionSession {
  /// What this session runs.
  public let detector: Detector
  /// The session of the plan.
  public let session: any Session
  /// What of the work around the network is done on the GPU and what not, where that was asked for.
  public let diagnostics: [Diagnostic]
  /// The same, where it can leave work out.
  private let detecting: (any DetectingSession)?
  /// The same, where it runs on a GPU that does more than the network.
  private let device: DeviceProcessing?
  private let letterboxWorkspace = LetterboxWorkspace()
  private let suppressionWorkspace = SuppressionWorkspace()
  private var geometries: [Letterbox.Geometry] = []
  private var outputs: [TensorBuffer] = []
  private var maskDecoder: MaskDecoder?
  private var results: [DetectionResult] = []
  private let outputNames: [String]
  /// The network's input as the last run had it, [H, W] and [N, 3, H, W].
  private var inputSize: [Int] = []
  private var inputShape = Shape([])

  init(_ detector: Detector, _ session: any Session) throws {
    var notes: [Diagnostic] = []
    device = try DeviceProcessing(detector, session, &notes)
    diagnostics = notes
    self.detector = detector
    self.session = session
    outputNames = session.outputNames
    if detector.findsMasks { maskDecoder = MaskDecoder(detector.decoder) }
    detecting = session as? any DetectingSession
    detecting?.objectnessFloor = detector.suppression.confidenceThreshold
  }

  /// Detects on one picture.
  /// - Throws: `detector.invalid-size`, `detector.head-mismatch`, or what the session throws.
  public func detect(
    _ image: Image,
    observer: (any SessionObserver)? = nil
  ) throws -> DetectionResult {
    results.removeAll(keepingCapacity: true)
    try run(CollectionOfOne(image), observer)
    return results[0]
  }

  /// Detects on pictures, as many in one run as the plan takes; pictures of another input size
  /// begin another run.
  /// - Throws: `detector.invalid-size`, `detector.head-mismatch`, or what the session throws.
  public func detect(
    _ images: [Image],
    observer: (any SessionObserver)? = nil
  ) throws -> [DetectionResult] {
    results.removeAll(keepingCapacity: true)
    var rest = images[...]
    while let first = rest.first {
      let geometry = try geometry(first)
      let run = try rest.prefix(detector.batch.limit)
        .prefix { try self.geometry($0).hasInputSize(of: geometry) }
      try self.run(run, observer)
      rest = rest.dropFirst(run.count)
    }
    return results
  }

  private func geometry(_ image: Image) throws -> Letterbox.Geometry {
    try detector.letterbox.geometry(sourceWidth: image.width, sourceHeight: image.height)
  }

  /// Runs once and appends to `results`.
  private func run<Images: Collection<Image>>(
    _ images: Images,
    _ observer: (any SessionObserver)?
  ) throws {
    guard let first = images.first else { return }
    let clock = ContinuousClock()
    let start = clock.now
    prepareInput(count: images.count, try geometry(first))
    try preprocess(images)
    let prepared = clock.now
    try session.run(observer: observer)
    let ran = clock.now
    outputs.removeAll(keepingCapacity: true)
    if device?.selects != true { try fetchOutputs() }
    let begin = results.count
    for index in 0..<images.count {
      results.append(
        DetectionResult(
          detections: try postprocess(index),
          timings: StageTimings(preprocess: .zero, inference: .zero, postprocess: .zero),
          inputSize: inputSize,
          batchSize: images.count
        )
      )
    }
    let timings = StageTimings(
      preprocess: prepared - start,
      inference: ran - prepared,
      postprocess: clock.now - ran
    )
    for index in begin..<results.count { results[index].timings = timings }
  }

  /// Makes the arrays of the input's size anew only where it changes.
  private func prepareInput(count: Int, _ geometry: Letterbox.Geometry) {
    var batchSize = count
    if case .fixed(let fixed) = detector.batch { batchSize = fixed }
    let (height, width) = (geometry.inputHeight, geometry.inputWidth)
    if inputShape.rank == 4, inputShape[0] == batchSize, inputShape[2] == height,
      inputShape[3] == width
    {
      return
    }
    inputSize = [height, width]
    inputShape = Shape([batchSize, 3, height, width])
  }

  private func fetchOutputs() throws {
    for name in outputNames { outputs.append(try session.output(name)) }
  }

  private func preprocess(_ images: some Collection<Image>) throws {
    geometries.removeAll(keepingCapacity: true)
    if let device {
      for image in images { geometries.append(try geometry(image)) }
      if try device.place(images, geometries, inputShape) { return }
      geometries.removeAll(keepingCapacity: true)
    }
    let buffer = try inputBuffer()
    var index = 0
    for image in images {
      geometries.append(
        try detector.letterbox.write(
          image,
          to: buffer,
          at: index,
          preprocessing: detector.contract.preprocessing,
          using: letterboxWorkspace
        )
      )
      index += 1
    }
  }

  /// Where the pictures go: bytes, where the session divides by 255 itself.
  private func inputBuffer() throws -> TensorBuffer {
    let (name, preprocessing) = (detector.input.name, detector.contract.preprocessing)
    if let detecting, letterboxWorkspace.isPlain(preprocessing),
      let pixels = try detecting.pixels(name, shape: inputShape)
    {
      return pixels
    }
    return try session.input(name, shape: inputShape)
  }

  private func postprocess(_ index: Int) throws -> [Detection] {
    let geometry = geometries[index]
    if let kept = try device?.candidates(of: index) {
      return kept.map { candidate in
        Detection(
          box: geometry.sourceBox(candidate.box),
          classIndex: Int(candidate.classIndex),
          confidence: candidate.confidence
        )
      }
    }
    // More candidates than the GPU chooses from: rare, so the outputs were left there.
    if outputs.isEmpty { try fetchOutputs() }
    let frame = HeadDecoder.Frame(image: index, width: inputSize[1], height: inputSize[0])
    let workspace = suppressionWorkspace
    let suppression = detector.suppression
    try detector.decoder.decode(outputs, frame, suppression, into: &workspace.candidates)
    if detector.decoder.head == .end2end {
      workspace.keepMostConfident(suppression.maxDetections)
    } else {
      suppression.select(using: workspace)
    }
    return try workspace.kept.map { kept in
      let candidate = workspace.candidates[kept]
      let box = geometry.sourceBox(candidate.box)
      return Detection(
        box: box,
        classIndex: Int(candidate.classIndex),
        confidence: candidate.confidence,
        mask: try maskDecoder?.mask(of: candidate, box, in: outputs, frame, geometry)
      )
    }
  }
}

extension Letterbox.Geometry {
  fileprivate func hasInputSize(of other: Self) -> Bool {
    inputWidth == other.inputWidth && inputHeight == other.inputHeight
  }
}
