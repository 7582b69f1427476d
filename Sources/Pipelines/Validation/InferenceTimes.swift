import Detectors
import Metrics

/// The stages' times, summed over pictures.
struct InferenceTimes: Sendable {
  var decode = Duration.zero
  var preprocess = Duration.zero
  var inference = Duration.zero
  var postprocess = Duration.zero

  static func += (sum: inout InferenceTimes, times: InferenceTimes) {
    sum.decode += times.decode
    sum.preprocess += times.preprocess
    sum.inference += times.inference
    sum.postprocess += times.postprocess
  }

  static func += (sum: inout InferenceTimes, times: StageTimings) {
    sum.preprocess += times.preprocess
    sum.inference += times.inference
    sum.postprocess += times.postprocess
  }

  /// The averages.
  func speed(pictureCount: Int, workers: Int) -> EvaluationSpeed {
    var speed = EvaluationSpeed(pictureCount: pictureCount, workerCount: workers)
    let count = Double(max(1, pictureCount))
    speed.decodeMilliseconds = decode.milliseconds / count
    speed.preprocessMilliseconds = preprocess.milliseconds / count
    speed.inferenceMilliseconds = inference.milliseconds / count
    speed.postprocessMilliseconds = postprocess.milliseconds / count
    return speed
  }
}
