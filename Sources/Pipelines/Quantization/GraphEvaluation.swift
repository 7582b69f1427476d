import Backends
import Datasets
import Detectors
import Diagnostics
import Graphs
import Images
import Metrics

/// Several forms of one network on the same pictures, by the rules of YOLOv5's `val`.
struct GraphEvaluation: Sendable {
  let source: LabelledSource
  let backend: BackendChoice
  /// Whether the pictures have labels.
  let hasLabels: Bool
  private let contract: ModelContract
  private let classes: ClassMap
  /// What the float network found, as labels.
  private(set) var truth: Dataset?

  /// Opens the pictures of a labelled data set, or pictures alone.
  /// - Throws: IDs of `dataset.`, `val.` and `file.`.
  init(
    data: String?,
    pictureFolder: String?,
    images: [String],
    limit: Int,
    contract: ModelContract?,
    backend: BackendChoice
  ) throws {
    guard let contract, contract.task != .classify else {
      throw DeployError(
        .quantizeNoDetector,
        "the network finds no objects, so there is nothing to judge it by",
        remedy: "give a detection model"
      )
    }
    var source: LabelledSource
    if let data {
      source = try LabelledSource.open(data, pictureFolder: pictureFolder)
    } else {
      let pictures = try ImageSource.paths(images).enumerated().map {
        LabelledPicture(identifier: $0 + 1, path: $1)
      }
      let dataset = Dataset(
        name: counted(pictures.count, "picture"),
        format: .folder,
        classNames: contract.classNames,
        pictures: pictures
      )
      source = LabelledSource(dataset: dataset, pictures: .files)
    }
    if case .files = source.pictures, source.dataset.pictures.count > limit {
      let all = source.dataset.pictures
      source.dataset.pictures = (0..<limit).map { all[$0 * all.count / limit] }
    }
    self.source = source
    self.backend = backend
    self.contract = contract
    hasLabels = data != nil
    classes = try ClassMap(model: contract.classNames, dataset: source.dataset)
  }

  /// What a network finds in every picture.
  func predictions(_ graph: Graph) async throws -> [[Prediction]] {
    var configuration = backend.configuration
    configuration.threadCount = backend.threadCount ?? 1
    let plan = try await backend.open().build(graph, configuration: configuration).plan
    return try await predictions(plan)
  }

  /// What a plan finds in every picture.
  func predictions(_ plan: any Plan) async throws -> [[Prediction]] {
    let detector = try Detector(plan: plan, contract: contract, options: Self.options)
    let classes = classes
    let run = InferenceRun(source: source) {
      let session = try detector.makeSession()
      return { image in
        let result = try session.detect(image)
        return (classes.predictions(result.detections), result.timings)
      }
    }
    let workers = max(1, Machine.processorCount / max(1, backend.threadCount ?? 1))
    return try await run.run(workers: workers, allowsMissing: false) { _ in }.answers
  }

  /// The rules of an evaluation.
  static var options: Detector.Options {
    var options = Detector.Options()
    options.rule = .earlyEvaluation
    options.fit = .square
    options.suppression = .evaluation
    options.suppression.confidenceThreshold = 0.001
    options.suppression.iouThreshold = 0.6
    options.suppression.maxDetections = 300
    return options
  }

  /// Takes what the float network found as the truth that others are compared with: its detections
  /// of at least 0.25.
  /// - Throws: `quantize.nothing-found`.
  mutating func setTruth(_ predictions: [[Prediction]]) throws {
    var dataset = source.dataset
    var identifier = 0
    for (index, found) in predictions.enumerated() {
      // COCO judges the hundred surest of each class: more could not all be found again.
      var counts: [Int: Int] = [:]
      let sure = found.filter { $0.score >= 0.25 }.sorted { $0.score > $1.score }.filter {
        counts[$0.classIndex, default: 0] += 1
        return counts[$0.classIndex, default: 0] <= 100
      }
      dataset.pictures[index].labels = sure.map { prediction in
        identifier += 1
        return Label(
          identifier: identifier,
          classIndex: prediction.classIndex,
          rectangle: prediction.rectangle
        )
      }
    }
    guard identifier > 0 else {
      throw DeployError(
        .quantizeNothingFound,
        "the float network finds nothing in \(counted(predictions.count, "picture"))",
        remedy: "give pictures of what the network was trained for"
      )
    }
    truth = dataset
  }

  /// AP by what the float network found, and by the labels where there are any.
  func figures(_ predictions: [[Prediction]]) throws -> (agreement: Double, ap: Double?) {
    let agreement = try truth.map { try Self.averagePrecision($0, predictions) } ?? 1
    return (agreement, hasLabels ? try Self.averagePrecision(source.dataset, predictions) : nil)
  }

  private static func averagePrecision(
    _ dataset: Dataset,
    _ predictions: [[Prediction]]
  ) throws -> Double {
    let figures = try COCOEvaluator(.boxes).evaluate(dataset, predictions: predictions).figures
    return figures.first { $0.name == "AP" }?.value ?? 0
  }
}

extension Diagnostic.ID {
  /// A network that finds no boxes.
  static let quantizeNoDetector: Self = "quantize.no-detector"
  /// Pictures in which nothing is found.
  static let quantizeNothingFound: Self = "quantize.nothing-found"
}
