import Detectors
import Diagnostics
import Images

/// One query again and again, each time of other pictures: from file bytes to detections.
final class BenchQuery {
  /// Pictures per query.
  let pictureCount: Int
  private let detection: DetectionSession
  private let files: [[UInt8]]
  private let reader = ImageReader()
  private var images: [Image]
  private var cursor = 0

  /// What the session said when it was made.
  var diagnostics: [Diagnostic] { detection.diagnostics }

  /// How long a query took and its parts, in milliseconds.
  struct Answer {
    var milliseconds = 0.0
    var decode = 0.0
    var letterbox = 0.0
    var infer = 0.0
    var suppress = 0.0
  }

  /// Nil where the network finds no boxes.
  init?(_ contender: BenchContender, pool: PicturePool, pictureCount: Int) throws {
    guard let detector = contender.detector, !pool.files.isEmpty else { return nil }
    detection = try detector.makeSession()
    self.pictureCount = pictureCount
    files = pool.files
    images = [Image](repeating: Image(width: 0, height: 0), count: pictureCount)
  }

  /// Runs the next query.
  /// - Parameter count: how many pictures it is of; nil takes the usual number.
  func run(_ count: Int? = nil) throws -> Answer {
    let count = count ?? pictureCount
    while images.count < count { images.append(Image(width: 0, height: 0)) }
    if images.count > count { images.removeLast(images.count - count) }
    let clock = ContinuousClock()
    let start = clock.now
    for index in 0..<count {
      try files[cursor].withUnsafeBytes { try reader.decode($0, into: &images[index]) }
      cursor = (cursor + 1) % files.count
    }
    var answer = Answer()
    answer.decode = (clock.now - start) / .milliseconds(1)
    for result in try detection.detect(images) {
      // Each picture of a batch has the times of the whole batch.
      let share = 1 / Double(result.batchSize)
      answer.letterbox += result.timings.preprocess / .milliseconds(1) * share
      answer.infer += result.timings.inference / .milliseconds(1) * share
      answer.suppress += result.timings.postprocess / .milliseconds(1) * share
    }
    answer.milliseconds = (clock.now - start) / .milliseconds(1)
    return answer
  }
}
