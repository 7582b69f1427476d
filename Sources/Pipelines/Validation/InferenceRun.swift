import Datasets
import Detectors
import Diagnostics
import Images
import Metrics
import Synchronization

/// Runs a detector over a data set with several workers, each with a session of its own. What is
/// found does not depend on how many there are.
struct InferenceRun: Sendable {
  let detector: Detector
  let source: LabelledSource
  let classes: ClassMap

  /// Times summed over pictures.
  struct Times: Sendable {
    var decode = Duration.zero
    var preprocess = Duration.zero
    var inference = Duration.zero
    var postprocess = Duration.zero

    static func += (sum: inout Times, times: Times) {
      sum.decode += times.decode
      sum.preprocess += times.preprocess
      sum.inference += times.inference
      sum.postprocess += times.postprocess
    }
  }

  /// What was found.
  struct Outcome: Sendable {
    /// The pictures looked at: their places in the data set.
    var kept: [Int] = []
    /// What was found in each of them.
    var predictions: [[Prediction]] = []
    var times = Times()
    var diagnostics: [Diagnostic] = []

    func speed(workers: Int) -> EvaluationSpeed {
      var speed = EvaluationSpeed(pictureCount: kept.count, workerCount: workers)
      let count = Double(max(1, kept.count))
      speed.decodeMilliseconds = times.decode.milliseconds / count
      speed.preprocessMilliseconds = times.preprocess.milliseconds / count
      speed.inferenceMilliseconds = times.inference.milliseconds / count
      speed.postprocessMilliseconds = times.postprocess.milliseconds / count
      return speed
    }
  }

  /// One worker's share.
  private struct Share: Sendable {
    var found: [(place: Int, predictions: [Prediction])] = []
    var refused: [(place: Int, warning: Diagnostic)] = []
    var times = Times()
  }

  func run(
    workers: Int,
    allowsMissing: Bool,
    _ progress: @escaping ProgressHandler
  ) async throws -> Outcome {
    let queue = WorkQueue(count: source.dataset.pictures.count, progress)
    progress(.began(stage: "infer", total: source.dataset.pictures.count))
    let shares = try await withThrowingTaskGroup(of: Share.self) { group in
      for _ in 0..<max(1, min(workers, source.dataset.pictures.count)) {
        group.addTask { try work(queue, allowsMissing) }
      }
      var shares: [Share] = []
      do {
        for try await share in group { shares.append(share) }
      } catch {
        queue.stop()
        throw error
      }
      return shares
    }
    let outcome = try join(shares)
    let count = outcome.predictions.reduce(0) { $0 + $1.count }
    progress(.finished(summary: "\(counted(count, "detection")) to judge"))
    return outcome
  }

  private func work(_ queue: WorkQueue, _ allowsMissing: Bool) throws -> Share {
    var share = Share()
    do {
      let session = try detector.makeSession()
      let reader = ImageReader()
      var image = Image(width: 0, height: 0)
      let clock = ContinuousClock()
      while let place = queue.next() {
        let start = clock.now
        do {
          try source.load(place, with: reader, into: &image)
        } catch let error as DeployError where allowsMissing && error.isAboutPicture {
          share.refused.append((place, error.asWarning(about: source.dataset.pictures[place].path)))
          queue.done()
          continue
        }
        try check(image, place)
        share.times.decode += clock.now - start
        let result = try session.detect(image)
        share.times.preprocess += result.timings.preprocess
        share.times.inference += result.timings.inference
        let found = clock.now
        share.found.append((place, predictions(result.detections)))
        share.times.postprocess += result.timings.postprocess + (clock.now - found)
        queue.done()
      }
    } catch {
      queue.stop()
      throw error
    }
    return share
  }

  /// Labels of a picture of another size would all be wrong.
  private func check(_ image: Image, _ place: Int) throws {
    let picture = source.dataset.pictures[place]
    guard picture.width > 0, picture.height > 0 else { return }
    guard picture.width != image.width || picture.height != image.height else { return }
    throw DeployError(
      .datasetWrongSize,
      "the picture is \(image.width)×\(image.height), its labels are for "
        + "\(picture.width)×\(picture.height)",
      at: .file(path: picture.path),
      remedy: "give the pictures that were labelled, not scaled or turned copies"
    )
  }

  private func predictions(_ detections: [Detection]) -> [Prediction] {
    var predictions: [Prediction] = []
    predictions.reserveCapacity(detections.count)
    for detection in detections {
      guard classes.indices.indices.contains(detection.classIndex),
        let classIndex = classes.indices[detection.classIndex]
      else { continue }
      let box = detection.box
      predictions.append(
        Prediction(
          classIndex: classIndex,
          score: Double(detection.confidence),
          rectangle: Rectangle(
            x: Double(box.x1),
            y: Double(box.y1),
            width: Double(box.x2 - box.x1),
            height: Double(box.y2 - box.y1)
          )
        )
      )
    }
    return predictions
  }

  private func join(_ shares: [Share]) throws -> Outcome {
    var outcome = Outcome()
    var places: [Int: [Prediction]] = [:]
    for share in shares {
      outcome.times += share.times
      for (place, predictions) in share.found { places[place] = predictions }
    }
    outcome.kept = places.keys.sorted()
    outcome.predictions = outcome.kept.map { places[$0] ?? [] }
    outcome.diagnostics = shares.flatMap(\.refused).sorted { $0.place < $1.place }.map(\.warning)
    guard !outcome.kept.isEmpty else {
      throw DeployError(
        .datasetMissingPictures,
        "none of the \(source.dataset.pictures.count) pictures can be read",
        remedy: "check the pictures: an accuracy of 0 would hide that nothing was measured",
        notes: outcome.diagnostics
      )
    }
    return outcome
  }
}
