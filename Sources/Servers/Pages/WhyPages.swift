import Connections
import Diagnostics
import Files
import FoundationEssentials
import Labs
import Pipelines
import Reports

extension LabSite {
  func questionsPage(_ visitor: Visitor, _ learner: String) throws -> WebReply {
    let events = try desk.log.events().filter { $0.learner == learner }
    let items = course.questions.map { question -> Markup in
      let answered = events.contains { $0.type == "answered" && $0.lab == question.id }
      let predicted = events.contains { $0.type == "predicted" && $0.lab == question.id }
      let state =
        answered
        ? visitor.say("answered", "已回答")
        : predicted ? visitor.say("predicted", "已预测") : visitor.say("open", "未回答")
      return
        "<li class=\"card\"><h3><a href=\"/why/\(question.id)\">\(question.id) · \(question.name[visitor.language])</a> <span class=\"badge\(answered ? " good" : "")\">\(state)</span></h3></li>"
    }
    return page(
      visitor,
      visitor.say("Why?", "为什么"),
      """
      <h1>\(visitor.say("Why?", "为什么？"))</h1>
      <p class="lead">\(visitor.say("First you predict a number; that is locked. Then an experiment on this machine answers.", "先预测一个数，提交后锁定；然后在这台机器上做实验来回答。"))</p>
      <ul class="cards">\(items)</ul>
      """
    )
  }

  func questionPage(_ visitor: Visitor, _ learner: String, _ question: WhyQuestion) throws
    -> WebReply
  {
    let state = try standing(learner, question)
    let isRunning = state.predicted != nil && state.value == nil && state.failure == nil
    let live: Markup = isRunning ? " data-live=\"/why/\(question.id)/live\"" : ""
    return page(
      visitor,
      "\(question.id) \(question.name[visitor.language])",
      """
      <p class="dim"><a href="/why">← \(visitor.say("All questions", "全部问题"))</a></p>
      <h1>\(question.id) · \(question.name[visitor.language])</h1><p class="lead">\(question.question[visitor.language])</p>
      <div id="live" aria-live="polite" aria-busy="\(isRunning ? "true" : "false")"\(live)>\(try liveAnswer(visitor, learner, question))</div>
      """
    )
  }

  private struct Standing {
    var predicted: Double?
    var value: Double?
    var failure: String?
  }

  private func standing(_ learner: String, _ question: WhyQuestion) throws -> Standing {
    let events = try desk.log.events().filter { $0.learner == learner && $0.lab == question.id }
    var standing = Standing()
    standing.predicted = events.first { $0.type == "predicted" }?.data["value"].flatMap(Double.init)
    standing.value = events.first { $0.type == "answered" }?.data["value"].flatMap(Double.init)
    if standing.value == nil, let last = events.last, last.type == "experiment-failed" {
      standing.failure = last.data["problem"] ?? ""
    }
    return standing
  }

  /// What changes: the form, the experiment under way, or what it found.
  func liveAnswer(_ visitor: Visitor, _ learner: String, _ question: WhyQuestion) throws -> Markup {
    let standing = try standing(learner, question)
    guard let predicted = standing.predicted else { return predictionForm(visitor, question) }
    let locked: Markup = """
      <p>\(visitor.say("Your prediction, locked", "你的预测（已锁定）")): <strong>\(Self.figure(predicted))</strong> \(question.unit)</p>
      """
    if let failure = standing.failure {
      return """
        <div data-done>\(locked)<p class="notice bad">\(visitor.say("The experiment did not end", "实验没有完成")): \(failure)</p>
        <form method="post" action="/why/\(question.id)">\(hidden(visitor))<button>\(visitor.say("Run it again", "再做一次"))</button></form></div>
        """
    }
    guard let value = standing.value else {
      let place = desk.queue.place(Self.experimentID(learner, question)) ?? 0
      let text =
        place > 0
        ? visitor.say("The experiment waits until the machine is free.", "实验在等机器空闲。")
        : visitor.say("The experiment is running.", "实验正在进行。")
      return
        "\(locked)<p class=\"notice\"><span class=\"spinner\" aria-hidden=\"true\"></span>\(text)</p>"
    }
    let isWithin = abs(value - predicted) <= question.tolerance
    let verdict =
      isWithin ? visitor.say("within the tolerance", "在允许误差内") : visitor.say("too far off", "差得太远")
    return """
      <div data-done>\(locked)<p class="verdict \(isWithin ? "good" : "bad")">\(isWithin ? "✓" : "✗")
      \(visitor.say("measured", "测得")) <strong>\(Self.figure(value))</strong> \(question.unit) · \(verdict) (±\(Self.figure(question.tolerance)))</p>
      \(findings(visitor, learner, question))</div>
      """
  }

  private func predictionForm(_ visitor: Visitor, _ question: WhyQuestion) -> Markup {
    let (low, high) = (question.range.lowerBound, question.range.upperBound)
    let step = Self.figure(max(0.01, (high - low) / 400))
    let middle = Self.figure((low + high) / 2)
    return """
      <form class="stacked panel" method="post" action="/why/\(question.id)">\(hidden(visitor))
      <label for="value">\(visitor.say("Your prediction", "你的预测")) (\(question.unit), \(Self.figure(low)) … \(Self.figure(high)); ±\(Self.figure(question.tolerance)) \(visitor.say("counts", "算对")))</label>
      <input id="value" name="value" type="number" step="any" min="\(Self.figure(low))" max="\(Self.figure(high))" required>
      <input id="slider" type="range" data-for="value" min="\(Self.figure(low))" max="\(Self.figure(high))" step="\(step)" value="\(middle)" aria-label="\(visitor.say("Your prediction, as a slider", "你的预测（滑块）"))">
      <label for="because">\(visitor.say("Why do you think so?", "为什么这样想？"))</label>
      <textarea id="because" name="because" required minlength="3" maxlength="500" rows="2"></textarea>
      <button class="main">\(visitor.say("Lock it and run the experiment", "锁定并开始实验"))</button>
      <p class="hint">\(visitor.say("It cannot be changed afterwards.", "提交后不能更改。"))</p></form>
      """
  }

  private func findings(_ visitor: Visitor, _ learner: String, _ question: WhyQuestion) -> Markup {
    guard
      let bytes = try? MappedFile.contents(of: answerPath(learner, question), limit: 1 << 20),
      let findings = try? JSONDecoder().decode(WhyFindings.self, from: Data(bytes))
    else { return .empty }
    let head = findings.columns.map { "<th class=\"n\">\($0)</th>" as Markup }
    let rows = findings.rows.map { row in
      "<tr>\(row.map { "<td class=\"n\">\(Self.figure($0))</td>" as Markup })</tr>" as Markup
    }
    let figures = findings.figures.mapValues { HTML.decimal($0, 1) }
    let doubt: Markup? =
      findings.agrees
      ? nil
      : "<p class=\"notice warn\">\(visitor.say("This time the data do not agree with the explanation: the machine may be busy, or it does not hold here. The data count.", "这次的数据不符合上面的解释：机器可能正忙，或者解释在这里不成立。数据为准。"))</p>"
    return """
      <div class="scroll" tabindex="0"><table><thead><tr>\(head)</tr></thead><tbody>\(rows)</tbody></table></div>
      <p>\(Messages.fill(question.explanation[visitor.language], figures))</p>\(doubt)
      """
  }

  static func figure(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    return value == value.rounded() && abs(value) < 1e9
      ? "\(Int(value))" : HTML.decimal(value, abs(value) < 10 ? 3 : 1)
  }

  /// Locks a prediction, and begins the experiment.
  func predict(
    _ form: MultipartForm,
    _ question: WhyQuestion,
    _ learner: String,
    _ visitor: Visitor
  ) throws -> WebReply {
    guard desk.queue.hasRoom else {
      throw Refusal(status: 429, text: visitor.say("too much is waiting", "排队的太多"))
    }
    var predicted: Double?
    do {
      try desk.state.log.append("predicted", lab: question.id, learner: learner) {
        let events = try desk.log.events().filter { $0.learner == learner && $0.lab == question.id }
        if let locked = events.first(where: { $0.type == "predicted" }) {
          predicted = locked.data["value"].flatMap(Double.init)
          throw Refusal(status: 409, text: "")
        }
        guard let value = form.values["value"].flatMap(Double.init), question.range.contains(value),
          let reason = form.values["because"], reason.count >= 3
        else {
          throw Refusal(
            status: 422,
            text: visitor.say(
              "give a number within the range, and a reason",
              "请填一个范围内的数和理由"
            )
          )
        }
        predicted = value
        return ["value": "\(value)", "because": String(reason.prefix(500)), "via": "web"]
      }
    } catch let refusal as Refusal where refusal.status == 409 {}
    let standing = try standing(learner, question)
    if let predicted, standing.value == nil { experiment(question, learner, predicted) }
    return .seeOther("/why/\(question.id)")
  }

  static func experimentID(_ learner: String, _ question: WhyQuestion) -> String {
    "\(question.id) \(learner)"
  }

  private func answerPath(_ learner: String, _ question: WhyQuestion) -> String {
    "\(settings.data)/web/answers/\(learner.split(separator: ":").last ?? "")-\(question.id).json"
  }

  /// Runs it alone, since others would spoil its times.
  private func experiment(_ question: WhyQuestion, _ learner: String, _ predicted: Double) {
    let id = Self.experimentID(learner, question)
    guard desk.queue.place(id) == nil else { return }
    let path = answerPath(learner, question)
    let model = course.path + "/../Samples/shapes-yolov5n.pt"
    desk.queue.add(
      WorkQueue.Job(id: id, runsAlone: true) { [desk, settings] in
        do {
          let findings = try await question.run(model: model)
          try Folder.create(settings.data + "/web/answers")
          try AtomicFile.write(Array(try JSONEncoder().encode(findings)), to: path)
          try desk.state.log.append(
            "answered",
            lab: question.id,
            learner: learner,
            [
              "value": "\(findings.value)", "predicted": "\(predicted)",
              "within": "\(abs(findings.value - predicted) <= question.tolerance)",
            ]
          )
        } catch {
          let message = (error as? DeployError)?.diagnostics.first?.message ?? "\(error)"
          _ = try? desk.state.log.append(
            "experiment-failed",
            lab: question.id,
            learner: learner,
            ["problem": String(message.prefix(500))]
          )
        }
      }
    )
  }

  /// Experiments that were promised and not done.
  func resumeExperiments() throws -> Int {
    let events = try desk.log.events()
    let open = events.filter { event in
      event.type == "predicted" && event.data["via"] == "web"
        && !events.contains {
          ["answered", "experiment-failed"].contains($0.type) && $0.lab == event.lab
            && $0.learner == event.learner
        }
    }
    for event in open {
      guard let question = course.questions.first(where: { $0.id == event.lab }),
        let predicted = event.data["value"].flatMap(Double.init)
      else { continue }
      experiment(question, event.learner, predicted)
    }
    return open.count
  }
}
