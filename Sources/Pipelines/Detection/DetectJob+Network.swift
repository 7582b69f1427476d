import Backends
import Detectors
import Diagnostics
import Graphs
import Images
import Models
import Passes

extension DetectJob {
  /// What answers for a picture.
  enum Network: Sendable {
    case detector(Detector, notes: [Diagnostic], sessions: SessionNotes)
    case classifier(Classifier, notes: [Diagnostic])

    var contract: ModelContract {
      switch self {
      case .detector(let detector, _, _): detector.contract
      case .classifier(let classifier, _): classifier.contract
      }
    }

    var diagnostics: [Diagnostic] {
      switch self {
      case .detector(let detector, let notes, _): notes + detector.diagnostics
      case .classifier(_, let notes): notes
      }
    }

    /// What the sessions said that were made so far.
    var sessionNotes: [Diagnostic] {
      if case .detector(_, _, let sessions) = self { sessions.all } else { [] }
    }

    /// Makes the memory of one caller.
    /// - Parameter tracer: what records the parts of each answer.
    func answerer(_ tracer: PipelineTracer? = nil) throws
      -> PictureFlow.Answer
    {
      switch self {
      case .detector(let detector, _, let notes):
        let session = try detector.makeSession()
        notes.add(session.diagnostics)
        return { path, image in
          let start = ContinuousClock.now
          let found = try session.detect(image, observer: tracer)
          tracer?.add(found.timings, from: start)
          return DetectResult.Picture(path, image, found)
        }
      case .classifier(let classifier, _):
        let session = try classifier.makeSession()
        return { path, image in
          let start = ContinuousClock.now
          let found = try session.classify(image, observer: tracer)
          tracer?.add(found.timings, from: start)
          return DetectResult.Picture(path, image, found)
        }
      }
    }
  }

  /// The network of the model, as its task asks.
  func makeNetwork() async throws -> Network {
    let (plan, contract, notes) = try await makePlan()
    if contract?.task == .classify {
      return .classifier(
        try Classifier(plan: plan, contract: contract, imageSize: imageSize),
        notes: notes
      )
    }
    var options = Detector.Options()
    options.fit = shape == .rect ? .minimumRectangle : .square
    options.imageSize = imageSize
    options.suppression = thresholds.suppression
    return .detector(
      try Detector(plan: plan, contract: contract, options: options),
      notes: notes,
      sessions: SessionNotes()
    )
  }

  private func makePlan() async throws -> (any Plan, ModelContract?, [Diagnostic]) {
    var configuration = backend.configuration
    configuration.threadCount = threadCount
    configuration.profilesLayers = recorder != nil
    var importOptions = ImportOptions()
    importOptions.dynamic = shape == .rect ? .size : .none
    importOptions.imageSize = imageSize
    let opened = try await backend.open(model, importOptions, configuration)
    return (opened.plan, opened.contract, opened.diagnostics)
  }
}

extension DetectResult.Picture {
  /// The classes that are kept of a classifier's answer.
  private static let classLimit = 5

  init(_ path: String, _ image: Image, _ found: DetectionResult) {
    self.init(path, image, found.inputSize, found.timings)
    detections = found.detections
  }

  init(_ path: String, _ image: Image, _ found: ClassificationResult) {
    self.init(path, image, found.inputSize, found.timings)
    classes = Array(found.scores.prefix(Self.classLimit))
  }

  private init(_ path: String, _ image: Image, _ inputSize: [Int], _ timings: StageTimings) {
    self.init(
      path: path,
      width: image.width,
      height: image.height,
      inputSize: inputSize,
      detections: [],
      preprocessMilliseconds: timings.preprocess.milliseconds,
      inferenceMilliseconds: timings.inference.milliseconds,
      postprocessMilliseconds: timings.postprocess.milliseconds
    )
  }
}
