public import Backends
import Diagnostics
import Glibc
import Graphs
public import Images
import Tensors

/// The memory of one caller of a ``Classifier``. One call at a time.
public final class ClassificationSession {
  /// What this session runs.
  public let classifier: Classifier
  /// The session of the plan.
  public let session: any Session
  private let workspace = LetterboxWorkspace()
  private var square = Image(width: 0, height: 0)

  init(_ classifier: Classifier, _ session: any Session) {
    self.classifier = classifier
    self.session = session
  }

  /// Classifies one picture.
  /// - Throws: `detector.invalid-size`, `detector.head-mismatch`, or what the session throws.
  public func classify(
    _ image: Image,
    observer: (any SessionObserver)? = nil
  ) throws -> ClassificationResult {
    let clock = ContinuousClock()
    let start = clock.now
    try preprocess(image)
    let prepared = clock.now
    try session.run(observer: observer)
    let ran = clock.now
    let scores = try scores()
    return ClassificationResult(
      scores: scores,
      timings: StageTimings(
        preprocess: prepared - start,
        inference: ran - prepared,
        postprocess: clock.now - ran
      ),
      inputSize: classifier.inputSize
    )
  }

  /// The largest square in the centre, scaled bilinearly.
  /// Source: YOLOv5 v7.0 `augmentations.CenterCrop`, `classify_transforms`.
  private func preprocess(_ image: Image) throws {
    var letterbox = Letterbox()
    letterbox.fit = .stretch
    (letterbox.height, letterbox.width) = (classifier.inputSize[0], classifier.inputSize[1])
    square.takeCentre(of: image)
    let shape = Shape([1, 3] + classifier.inputSize)
    let buffer = try session.input(classifier.input.name, shape: shape)
    try letterbox.write(
      square,
      to: buffer,
      preprocessing: classifier.contract.preprocessing,
      using: workspace
    )
  }

  /// The softmax of the network's [1, classes].
  private func scores() throws -> [ClassScore] {
    let outputs = try session.outputNames.map { try session.output($0) }
    guard let output = outputs.first(where: { $0.shape.rank == 2 && $0.shape[0] == 1 }) else {
      let shapes = outputs.map(\.shape.description).joined(separator: ", ")
      throw DeployError(
        .detectorHeadMismatch,
        "the outputs \(shapes) hold no class scores [1, classes]",
        remedy: "give a classification model"
      )
    }
    let logits = try output.tensor().converted(to: .float32).withScalars(of: Float.self) {
      Array($0)
    }
    guard logits.allSatisfy(\.isFinite), let largest = logits.max() else {
      throw DeployError(
        .detectorHeadMismatch,
        "the class scores are not all finite numbers",
        remedy: "check the network with `vitrine check`"
      )
    }
    let exponentials = logits.map { exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.enumerated()
      .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
      .map { ClassScore(classIndex: $0.offset, probability: $0.element / sum) }
  }
}

extension Image {
  /// Becomes the largest square in the centre of another picture.
  fileprivate mutating func takeCentre(of image: Image) {
    let side = min(image.width, image.height)
    let (left, top) = ((image.width - side) / 2, (image.height - side) / 2)
    reshape(width: side, height: side)
    for row in 0..<side {
      let start = 3 * ((top + row) * image.width + left)
      pixels.replaceSubrange(
        3 * row * side..<3 * (row + 1) * side,
        with: image.pixels[start..<start + 3 * side]
      )
    }
  }
}
