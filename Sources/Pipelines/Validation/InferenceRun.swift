import Datasets
import Detectors
import Diagnostics
import Images
import Metrics

/// Shows every picture of a data set to a network, with several workers that have a session each.
/// What is answered does not depend on how many there are.
struct InferenceRun<Answer: Sendable>: Sendable {
  /// Answers for one picture, and says how long the stages took.
  typealias Answerer = (Image) throws -> (Answer, StageTimings)

  let source: LabelledSource
  /// Makes the memory of one worker.
  let makeAnswerer: @Sendable () throws -> Answerer

  /// What was answered.
  struct Outcome: Sendable {
    /// The pictures looked at: their places in the data set.
    var kept: [Int] = []
    /// The answer for each of them.
    var answers: [Answer] = []
    var times = InferenceTimes()
    var diagnostics: [Diagnostic] = []
  }

  /// One worker's share.
  private struct Share: Sendable {
    var answers: [(place: Int, answer: Answer)] = []
    var refused: [(place: Int, warning: Diagnostic)] = []
    var times = InferenceTimes()
  }

  func run(
    workers: Int,
    allowsMissing: Bool,
    _ progress: @escaping ProgressHandler
  ) async throws -> Outcome {
    let count = source.dataset.pictures.count
    let queue = WorkQueue(count: count, progress)
    progress(.began(stage: "infer", total: count))
    let shares = try await withThrowingTaskGroup(of: Share.self) { group in
      for _ in 0..<max(1, min(workers, count)) {
        group.addTask { try work(queue, allowsMissing) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let outcome = try join(shares)
    progress(.finished(summary: counted(outcome.kept.count, "picture")))
    return outcome
  }

  private func work(_ queue: WorkQueue, _ allowsMissing: Bool) throws -> Share {
    var share = Share()
    do {
      let answer = try makeAnswerer()
      let reader = ImageReader()
      var image = Image(width: 0, height: 0)
      while let place = queue.next() {
        let start = ContinuousClock.now
        do {
          try source.load(place, with: reader, into: &image)
        } catch let error as DeployError where allowsMissing && error.isAboutPicture {
          let path = source.dataset.pictures[place].path
          share.refused.append((place, error.asWarning(about: path)))
          queue.done()
          continue
        }
        try check(image, place)
        share.times.decode += ContinuousClock.now - start
        let (value, timings) = try answer(image)
        share.times += timings
        share.answers.append((place, value))
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

  private func join(_ shares: [Share]) throws -> Outcome {
    var outcome = Outcome()
    let answers = shares.flatMap(\.answers).sorted { $0.place < $1.place }
    for share in shares { outcome.times += share.times }
    outcome.kept = answers.map(\.place)
    outcome.answers = answers.map(\.answer)
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
