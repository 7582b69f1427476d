import Connections
import Diagnostics
import Labs
import Reports

/// Experiments as jobs: queued, alone on the machine, bounded in time, and ended where the learner says so.
extension LabSite {
  /// What one learner may have unfinished, and begin per hour; how long one may take, in seconds.
  static let (experimentLimit, experimentsPerHour, experimentSeconds) = (2, 60, 600)

  var runStore: WhyRunStore { WhyRunStore(state: desk.state.folder) }

  func asking(_ question: WhyQuestion, _ learner: String) -> WhyAsking {
    WhyAsking(question: question, learner: learner, log: desk.state.log)
  }

  static func experimentID(_ learner: String, _ question: WhyQuestion) -> String {
    "\(question.id) \(learner)"
  }

  /// Locks a prediction, and begins the experiment; or begins it again where it did not end.
  func predict(
    _ form: MultipartForm,
    _ question: WhyQuestion,
    _ learner: String,
    _ visitor: Visitor
  ) throws -> WebReply {
    let events = try asking(question, learner).own(desk.log.events())
    let isDone = events.contains { $0.type == "answered" }
    // The first prediction counts, whatever else is sent.
    let isLocked = events.contains { $0.type == "predicted" }
    if !isDone {
      let prediction = isLocked ? nil : try prediction(form, question, visitor)
      try begin(question, learner, try question.settings(), prediction, visitor)
    }
    return .seeOther("/why/\(question.id)")
  }

  /// Begins the experiment with other settings.
  func trial(
    _ form: MultipartForm,
    _ question: WhyQuestion,
    _ learner: String,
    _ visitor: Visitor
  ) throws -> WebReply {
    let events = try asking(question, learner).own(desk.log.events())
    guard events.contains(where: { $0.type == "answered" }) else {
      throw Refusal(
        status: 409,
        text: visitor.say("answer the question itself first", "请先回答问题本身")
      )
    }
    let changes = try question.parameters.reduce(into: [String: Double]()) { changes, parameter in
      guard let text = form.values["set-\(parameter.name)"] else { return }
      guard let value = Double(text) else { throw Self.noNumber(visitor) }
      changes[parameter.name] = value
    }
    let settings = try question.settings(changes)
    guard !question.isOwn(settings) else {
      throw Refusal(
        status: 422,
        text: visitor.say(
          "these are the question's own settings, which have been run; move one",
          "这就是原题的设置，已经做过；请改动至少一项"
        )
      )
    }
    let needed = question.predictsEach ? try prediction(form, question, visitor) : nil
    try begin(question, learner, settings, needed, visitor)
    return .seeOther("/why/\(question.id)")
  }

  /// Ends the experiment of a learner: one that waits is dropped, one that runs stops at its next step.
  func cancelExperiment(_ question: WhyQuestion, _ learner: String) throws -> WebReply {
    let id = Self.experimentID(learner, question)
    if desk.queue.cancel(id) == .dropped {
      let asking = asking(question, learner)
      let last = try asking.own(desk.log.events()).last {
        ["predicted", "trial"].contains($0.type)
      }
      if let promise = last.flatMap(asking.promise) {
        try asking.failed(promise, CancellationError())
      }
    }
    return .seeOther("/why/\(question.id)")
  }

  private static func noNumber(_ visitor: Visitor) -> Refusal {
    Refusal(
      status: 422,
      text: visitor.say(
        "give a number within the range, and a reason",
        "请填一个范围内的数和理由"
      )
    )
  }

  private func prediction(
    _ form: MultipartForm,
    _ question: WhyQuestion,
    _ visitor: Visitor
  ) throws -> WhyAsking.Prediction {
    let stated = form.values["margin"] ?? ""
    guard let value = form.values["value"].flatMap(Double.init), value.isFinite,
      let reason = form.values["because"], reason.count >= 3,
      stated.isEmpty || Double(stated)?.isFinite == true
    else { throw Self.noNumber(visitor) }
    return WhyAsking.Prediction(value: value, margin: Double(stated), reason: reason)
  }

  private func begin(
    _ question: WhyQuestion,
    _ learner: String,
    _ settings: WhySettings,
    _ prediction: WhyAsking.Prediction?,
    _ visitor: Visitor
  ) throws {
    let unfinished = course.questions.count {
      desk.queue.place(Self.experimentID(learner, $0)) != nil
    }
    let id = Self.experimentID(learner, question)
    guard desk.queue.hasRoom, unfinished < Self.experimentLimit, desk.queue.place(id) == nil,
      experimentPace.take(learner)
    else {
      throw Refusal(
        status: 429,
        text: visitor.say(
          "experiments of yours are under way, or there were too many within an hour",
          "你的实验还在进行，或一小时内做得太多"
        )
      )
    }
    do {
      let promise = try asking(question, learner).promise(settings, prediction, via: "web")
      enqueue(promise, question, learner)
    } catch is WhyAsking.Problem { throw Self.noNumber(visitor) }
  }

  /// Runs it alone, since others would spoil its times.
  private func enqueue(_ promise: WhyAsking.Promise, _ question: WhyQuestion, _ learner: String) {
    let asking = asking(question, learner)
    let store = runStore
    let model = course.samplePath
    desk.queue.add(
      WorkQueue.Job(id: Self.experimentID(learner, question), runsAlone: true) {
        do {
          let findings = try await Self.within(seconds: Self.experimentSeconds) {
            try await question.run(model: model, settings: promise.settings)
          }
          let run = try asking.answered(promise, findings)
          try store.keep(run, of: learner, question)
        } catch { try? asking.failed(promise, error) }
      }
    )
  }

  /// Tells a body to end when its time is over.
  static func within<Result: Sendable>(
    seconds: Int,
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: .seconds(seconds))
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() ?? nil else {
        throw DeployError(
          .labExperimentLate,
          "the experiment took longer than \(seconds) s",
          remedy: "choose smaller settings, or run it where the machine is free"
        )
      }
      return first
    }
  }

  /// Takes up experiments that were promised and not done.
  func resumeExperiments() throws -> Int {
    let events = try desk.log.events()
    let open = events.filter { event in
      guard event.data["via"] == "web" else { return false }
      let own = events.filter { $0.lab == event.lab && $0.learner == event.learner }
      switch event.type {
      case "predicted":
        return !own.contains { ["answered", "experiment-failed"].contains($0.type) }
      case "trial":
        return !own.contains { $0.data["trial"] == "\(event.number)" }
      default: return false
      }
    }
    var count = 0
    for event in open {
      guard let question = course.questions.first(where: { $0.id == event.lab }),
        let promise = asking(question, event.learner).promise(event)
      else { continue }
      enqueue(promise, question, event.learner)
      count += 1
    }
    return count
  }
}

extension Diagnostic.ID {
  /// An experiment that was ended since it took too long.
  static let labExperimentLate: Self = "lab.experiment-late"
}
