import Datasets
import Detectors
import Diagnostics
import Files
import Graphs
import Images
import Metrics

extension ValidateJob {
  /// What one run looks at, and what it has found so far.
  struct Course {
    var source: LabelledSource
    let classes: ClassMap
    let workers: Int
    let progress: ProgressHandler
    var diagnostics: [Diagnostic]
    /// What was found in each picture, where objects are looked for.
    var predictions: [[Prediction]] = []
    var times = InferenceTimes()
    /// When the figures began to be computed.
    var judged = ContinuousClock.now
  }

  /// Boxes, and masks where the network and the labels have them.
  func judge(_ detector: Detector, _ course: inout Course) async throws -> AccuracyRecord {
    let classes = course.classes
    let notes = SessionNotes()
    let run = InferenceRun(source: course.source) {
      let session = try detector.makeSession()
      notes.add(session.diagnostics)
      return { image in
        let result = try session.detect(image)
        return (classes.predictions(result.detections), result.timings)
      }
    }
    let found = try await course.answers(run, allowsMissing: allowsMissing)
    course.predictions = found
    course.diagnostics += notes.all
    if let resultsFile {
      try ResultsWriter.write(found, of: course.source.dataset, to: resultsFile)
    }
    let judge = course.judge(resampleCount)
    let isSegmenter = detector.contract.task == .segment
    var record = AccuracyRecord(
      task: isSegmenter ? "segment" : "detect",
      dataset: judge.summary
    )
    record.rules = rules(detector)
    record.boxes = try await judge.accuracy(of: found)
    if isSegmenter { record.masks = try await masks(found, judge, &course) }
    return record
  }

  private func masks(
    _ found: [[Prediction]],
    _ judge: AccuracyJudge,
    _ course: inout Course
  ) async throws -> DetectionAccuracy? {
    let labels = course.source.dataset.pictures.lazy.flatMap(\.labels)
    guard labels.contains(where: { $0.region != nil }) else {
      course.diagnostics.append(
        Diagnostic(
          .warning,
          .validateNoMasks,
          "the labels have no outlines, so masks cannot be judged",
          remedy: "give a data set with segmentations"
        )
      )
      return nil
    }
    return try await judge.accuracy(of: found, shape: .masks)
  }

  /// How often a classifier is right.
  func judge(_ classifier: Classifier, _ course: inout Course) async throws -> AccuracyRecord {
    let classes = course.classes
    let run = InferenceRun(source: course.source) {
      let session = try classifier.makeSession()
      return { image in
        let result = try session.classify(image)
        let ranking = result.scores.prefix(5).map { classes.index(of: $0.classIndex) }
        return (Array(ranking), result.timings)
      }
    }
    let rankings = try await course.answers(run, allowsMissing: allowsMissing)
    let dataset = course.source.dataset
    var judge = ClassificationJudge(dataset)
    judge.resampleCount = resampleCount
    var record = AccuracyRecord(
      task: "classify",
      dataset: course.judge(0).summary
    )
    record.rules = AccuracyRules(
      imageSize: classifier.inputSize,
      shape: "centre crop",
      resizing: "classification",
      confidence: 0,
      overlap: 0,
      maxDetections: 5,
      isMultiLabel: false,
      precision: precision
    )
    record.classification = try judge.accuracy(of: rankings)
    return record
  }

  private func rules(_ detector: Detector) -> AccuracyRules {
    AccuracyRules(
      imageSize: [detector.letterbox.height, detector.letterbox.width],
      shape: detector.letterbox.fit == .square ? "square" : "rect",
      resizing: detector.letterbox.rule.rawValue,
      confidence: Double("\(confidence)") ?? Double(confidence),
      overlap: Double("\(overlap)") ?? Double(overlap),
      maxDetections: maxDetections,
      isMultiLabel: detector.suppression.isMultiLabel,
      precision: precision
    )
  }

  private var precision: String { half ? "float16" : "as the file has it" }
}

extension ValidateJob.Course {
  /// Runs the network; pictures that could not be read leave the data set.
  mutating func answers<Answer: Sendable>(
    _ run: InferenceRun<Answer>,
    allowsMissing: Bool
  ) async throws -> [Answer] {
    let outcome = try await run.run(workers: workers, allowsMissing: allowsMissing, progress)
    source.dataset.pictures = outcome.kept.map { source.dataset.pictures[$0] }
    diagnostics += outcome.diagnostics
    times = outcome.times
    judged = .now
    progress(.began(stage: "judge", total: nil))
    return outcome.answers
  }

  /// A judge of what is left of the data set.
  func judge(_ resampleCount: Int) -> AccuracyJudge {
    var judge = AccuracyJudge(source.dataset)
    judge.resampleCount = resampleCount
    judge.workerCount = Machine.processorCount
    return judge
  }
}

extension Diagnostic.ID {
  /// Labels without outlines for a network that gives masks.
  static let validateNoMasks: Self = "val.no-masks"
  /// An option that does nothing for the model.
  static let validateUnusedOption: Self = "val.unused-option"
  /// Labels of another kind than the network answers.
  static let validateWrongLabels: Self = "val.wrong-labels"
}
