import Diagnostics

/// A learner before a question: what is locked before an experiment, and what is written down after it.
///
/// The question's own run rests on one prediction, which the log keeps (`predicted`). Runs with other settings
/// (`trial`) come after it; where the question says so, each has a prediction of its own, locked in
/// the same way. Every promise ends in `answered`, `tried`, `experiment-failed` or `trial-failed`.
package struct WhyAsking: Sendable {
  package let question: WhyQuestion
  package let learner: String
  let log: EventLog

  package init(question: WhyQuestion, learner: String, log: EventLog) {
    (self.question, self.learner, self.log) = (question, learner, log)
  }

  /// What a learner says before.
  package struct Prediction: Sendable {
    package var value: Double
    /// How far off the learner expects to be at most.
    package var margin: Double?
    package var reason: String

    package init(value: Double, margin: Double?, reason: String) {
      (self.value, self.margin, self.reason) = (value, margin, reason)
    }
  }

  /// A run that is to be done.
  package struct Promise: Sendable {
    /// The number of its event.
    package var number: Int
    package var settings: WhySettings
    package var prediction: Prediction?
  }

  /// Why nothing is promised.
  package enum Problem: Error {
    /// The question itself has not been predicted.
    case predictFirst
    /// Each run of this question needs a prediction.
    case predictEach
    /// A prediction or its margin lies outside of what can be predicted.
    case outOfRange
  }

  /// Locks a prediction where one is needed, and writes down that a run is to come.
  /// - Throws: ``Problem``, `file.…`.
  package func promise(
    _ settings: WhySettings,
    _ prediction: Prediction?,
    via: String
  ) throws -> Promise {
    if let prediction {
      guard question.range.contains(prediction.value),
        (0...(question.range.upperBound - question.range.lowerBound)).contains(
          prediction.margin ?? 0
        )
      else { throw Problem.outOfRange }
    }
    return question.isOwn(settings)
      ? try ownPromise(settings, prediction, via) : try trialPromise(settings, prediction, via)
  }

  private func ownPromise(
    _ settings: WhySettings,
    _ prediction: Prediction?,
    _ via: String
  ) throws -> Promise {
    struct IsLocked: Error {
      let event: EventLog.Event
    }
    do {
      // Read and written in one step: of two at once one is locked, and counts for both.
      let event = try log.append("predicted", lab: question.id, learner: learner) {
        if let event = try own(log.events()).first(where: { $0.type == "predicted" }) {
          throw IsLocked(event: event)
        }
        guard let prediction else { throw Problem.predictFirst }
        return data(prediction, via)
      }
      return Promise(number: event.number, settings: settings, prediction: prediction)
    } catch let locked as IsLocked {
      return Promise(
        number: locked.event.number,
        settings: settings,
        prediction: Self.prediction(locked.event)
      )
    }
  }

  private func trialPromise(
    _ settings: WhySettings,
    _ prediction: Prediction?,
    _ via: String
  ) throws -> Promise {
    let event = try log.append("trial", lab: question.id, learner: learner) {
      guard try own(log.events()).contains(where: { $0.type == "predicted" }) else {
        throw Problem.predictFirst
      }
      guard prediction != nil || !question.predictsEach else { throw Problem.predictEach }
      var entry = prediction.map { data($0, via) } ?? ["via": via]
      entry["settings"] = settings.text
      return entry
    }
    return Promise(number: event.number, settings: settings, prediction: prediction)
  }

  /// Writes down what came out.
  /// - Throws: `file.…`.
  package func answered(_ promise: Promise, _ findings: WhyFindings) throws -> WhyRun {
    let run = WhyRun(
      number: promise.number,
      question: question.id,
      settings: promise.settings,
      predicted: promise.prediction?.value,
      margin: promise.prediction?.margin,
      findings: findings
    )
    var data = ["value": "\(findings.value)"]
    if let predicted = promise.prediction?.value {
      data["predicted"] = "\(predicted)"
      data["within"] = "\(run.isWithin(question) == true)"
    }
    if let margin = promise.prediction?.margin {
      data["margin"] = "\(margin)"
      data["inside"] = "\(abs(findings.value - (promise.prediction?.value ?? 0)) <= margin)"
    }
    let isOwn = question.isOwn(promise.settings)
    if !isOwn { data["trial"] = "\(promise.number)" }
    try log.append(isOwn ? "answered" : "tried", lab: question.id, learner: learner, data)
    return run
  }

  /// Writes down that a run did not end, and why.
  /// - Throws: `file.…`.
  package func failed(_ promise: Promise, _ error: any Error) throws {
    let message =
      error is CancellationError
      ? "cancelled" : (error as? DeployError)?.diagnostics.first?.message ?? "\(error)"
    var data = ["problem": String(message.prefix(500))]
    let isOwn = question.isOwn(promise.settings)
    if !isOwn { data["trial"] = "\(promise.number)" }
    try log.append(
      isOwn ? "experiment-failed" : "trial-failed",
      lab: question.id,
      learner: learner,
      data
    )
  }

  /// The learner's events of this question.
  package func own(_ events: [EventLog.Event]) -> [EventLog.Event] {
    events.filter { $0.learner == learner && $0.lab == question.id }
  }

  /// A promise as the log keeps it; nil where settings are no longer what the course allows.
  package func promise(_ event: EventLog.Event) -> Promise? {
    let changes = (event.data["settings"] ?? "").split(separator: " ").map(String.init)
    guard let settings = try? question.settings(WhySettings.changes(changes)) else { return nil }
    return Promise(number: event.number, settings: settings, prediction: Self.prediction(event))
  }

  private static func prediction(_ event: EventLog.Event) -> Prediction? {
    guard let value = event.data["value"].flatMap(Double.init) else { return nil }
    return Prediction(
      value: value,
      margin: event.data["margin"].flatMap(Double.init),
      reason: event.data["because"] ?? ""
    )
  }

  private func data(_ prediction: Prediction, _ via: String) -> [String: String] {
    var data = [
      "value": "\(prediction.value)", "because": String(prediction.reason.prefix(500)), "via": via,
    ]
    data["margin"] = prediction.margin.map { "\($0)" }
    return data
  }
}

extension WhyRun {
  /// Whether the prediction counts; nil where there was none.
  package func isWithin(_ question: WhyQuestion) -> Bool? {
    predicted.map { abs(findings.value - $0) <= question.tolerance }
  }
}
